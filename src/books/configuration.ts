/** What operators change while the server runs: every version is there, is a document, and is in the log. */
import { isLogged } from '../admin/askAdminLog.ts';
import type { Check } from './check.ts';

const MADE = {
  actions: ['config.change', 'config.return'],
  target: 'config',
  id: 'c.version',
  by: 'c.created_by',
};

export const CONFIGURATION_CHECKS: Check[] = [
  {
    rule: 'RA-11',
    holds: 'versions of the configuration are numbered from 1 without gaps',
    sql: () =>
      `SELECT MIN(version) AS first_version, MAX(version) AS newest, COUNT(*) AS versions FROM business_configs
       HAVING COUNT(*) > 0 AND (MIN(version) <> 1 OR MAX(version) <> COUNT(*))`,
  },
  {
    rule: 'RA-11',
    holds: 'every version of the configuration can be read',
    sql: () => 'SELECT version FROM business_configs WHERE NOT JSON_VALID(config)',
  },
  {
    rule: 'RA-11',
    holds: 'a return is to an earlier version',
    sql: () => 'SELECT version, returned_to FROM business_configs WHERE returned_to >= version',
  },
  {
    rule: 'RA-2',
    holds: 'every version of the configuration is in the log, by whom it was made',
    sql: () => `SELECT c.version, c.created_by FROM business_configs c WHERE NOT ${isLogged(MADE)}`,
  },
];
