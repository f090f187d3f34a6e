/** Packs of draws against who is listed with them, and against their campaigns (RO-6). */
import type { Dialect } from '../platform/database/sources.ts';
import type { Check } from './check.ts';
import { cellOf, packedRows } from './packedSql.ts';

/** By user and pack: draws that are in it. */
function drawnInPacks(dialect: Dialect): string {
  const cell = cellOf(dialect);
  const keys = `${cell('request', 'user_id')}, p.campaign_id, p.first_draw_no`;
  return `(SELECT ${cell('request', 'user_id')} AS user_id, p.campaign_id, p.first_draw_no, COUNT(*) AS draws,
      MAX(${cell('draw', 'draw_time')}) AS last_time
    FROM ${packedRows(dialect, true)} GROUP BY ${keys})`;
}

const SAME_PACK =
  'l.user_id = d.user_id AND l.campaign_id = d.campaign_id AND l.first_draw_no = d.first_draw_no';

export const PACK_CHECKS: Check[] = [
  {
    rule: 'RO-6',
    holds: 'whoever has draws in a pack is listed with them',
    sql: (dialect) =>
      `SELECT d.user_id, d.campaign_id, d.first_draw_no, d.draws, l.draws AS listed FROM ${drawnInPacks(dialect)} d
       LEFT JOIN lottery_packed_diners l ON ${SAME_PACK}
       WHERE l.user_id IS NULL OR l.draws <> d.draws OR l.last_time <> d.last_time`,
  },
  {
    rule: 'RO-6',
    holds: 'whoever is listed with a pack has draws in it',
    sql: (dialect) =>
      `SELECT l.user_id, l.campaign_id, l.first_draw_no, l.draws FROM lottery_packed_diners l
       LEFT JOIN ${drawnInPacks(dialect)} d ON ${SAME_PACK} WHERE d.user_id IS NULL`,
    // All who have draws are listed: so many are listed as have some.
    proof: (dialect) => [
      `SELECT l.n FROM (SELECT COUNT(*) AS n FROM lottery_packed_diners) l
       JOIN (SELECT COUNT(*) AS n FROM ${drawnInPacks(dialect)} d) d ON d.n <> l.n`,
    ],
  },
  {
    rule: 'RO-6',
    holds: 'only draws of campaigns that are over, and counted, are in packs',
    sql: () =>
      `SELECT p.campaign_id, c.status, s.draw_no AS counted FROM
         (SELECT campaign_id, MAX(last_draw_no) AS last_no FROM lottery_draw_packs GROUP BY campaign_id) p
       LEFT JOIN lottery_campaigns c ON c.campaign_id = p.campaign_id
       LEFT JOIN lottery_statistics_cursors s ON s.campaign_id = p.campaign_id
       WHERE c.campaign_id IS NULL OR c.status NOT IN ('ended', 'archived') OR COALESCE(s.draw_no, 0) < p.last_no`,
  },
];
