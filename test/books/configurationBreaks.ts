/** What breaks the versions of the configuration. */
import { breaks, type Break } from './breaking.ts';

export const CONFIGURATION_BREAKS: Break[] = [
  ...breaks('business_configs', [
    ['RA-11: versions of the configuration', 'DELETE FROM business_configs WHERE version = 1'],
    [
      'RA-11: every version of the configuration can',
      `UPDATE business_configs SET config = '{' WHERE version = 2`,
    ],
    ['RA-11: a return is', 'UPDATE business_configs SET returned_to = 3 WHERE version = 3'],
    [
      'RA-2: every version of the configuration is',
      'UPDATE business_configs SET created_by = created_by + 90000 WHERE version = 2',
    ],
  ]),
  ...breaks('admin_audit_logs', [
    [
      'RA-2: every version of the configuration is',
      `DELETE FROM admin_audit_logs WHERE action = 'config.return'`,
    ],
  ]),
];
