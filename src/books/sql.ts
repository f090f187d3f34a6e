/** Expressions that the audit's statements share. What differs between the databases is here and nowhere else. */
import { OWN_TYPES, RESTORING_TYPES } from '../points/transactionTypes.ts';
import type { Dialect } from '../platform/database/sources.ts';

/** Whole 1/100 points: DECIMAL is a float on SQLite and must not be compared or added up as one. */
export function hundredths(points: string): string {
  return `ROUND(${points} * 100)`;
}

/** The draw_id of a draw_no of the same row. */
export function drawId(table: string, drawNo = 'draw_no'): string {
  return `(${table}.campaign_id * 10000000000 + ${table}.${drawNo})`;
}

/** Rows that have moved points: a rolled back one did, and the row that took it back did too. */
export const APPLIED = `status IN ('completed', 'rolled_back')`;

const listOf = (types: readonly string[]) => types.map((type) => `'${type}'`).join(', ');

/** Rows whose gains were earned. */
export const EARNING = `transaction_type NOT IN (${listOf(RESTORING_TYPES)})`;

/** Rows that are income or expense. */
export const NOT_OWN = `transaction_type NOT IN (${listOf(OWN_TYPES)})`;

/**
 * Prizes as each published configuration has them: what a draw gives is decided by the version it names, whatever the prize
 * has become since. DISTINCT makes it a small table of its own, computed once rather than for each draw.
 */
export function publishedPrizes(dialect: Dialect): string {
  return dialect === 'sqlite'
    ? `(SELECT DISTINCT e.campaign_id, CAST(json_extract(e.payload, '$.table_version') AS INTEGER) AS table_version,
          CAST(json_extract(p.value, '$.prize_id') AS INTEGER) AS prize_id, json_extract(p.value, '$.type') AS prize_type,
          CAST(json_extract(p.value, '$.value') AS DECIMAL(15,2)) AS prize_value
        FROM lottery_fairness_entries e, json_each(e.payload, '$.config.prizes') p
        WHERE e.kind = 'config' AND json_valid(e.payload))`
    : `(SELECT DISTINCT e.campaign_id, p.table_version, p.prize_id, p.prize_type, p.prize_value
        FROM lottery_fairness_entries e, JSON_TABLE(IF(JSON_VALID(e.payload), e.payload, '{}'), '$' COLUMNS (
          table_version INT PATH '$.table_version',
          NESTED PATH '$.config.prizes[*]' COLUMNS (
            prize_id INT PATH '$.prize_id',
            prize_type VARCHAR(16) PATH '$.type',
            prize_value DECIMAL(15,2) PATH '$.value'
          )
        )) p
        WHERE e.kind = 'config')`;
}

/** What a draw costs by each published configuration. */
export function publishedCosts(dialect: Dialect): string {
  const [version, cost] = ['$.table_version', '$.config.cost_per_draw'].map((path) =>
    dialect === 'sqlite' ? `json_extract(payload, '${path}')` : `JSON_VALUE(payload, '${path}')`,
  );
  return `(SELECT campaign_id, CAST(${version} AS SIGNED) AS table_version, CAST(${cost} AS DECIMAL(15,2)) AS cost
    FROM lottery_fairness_entries WHERE kind = 'config' AND JSON_VALID(payload))`;
}

/** JOIN condition of a draw `d` and its prize as published, `p`. */
export const OF_DRAW =
  'p.campaign_id = d.campaign_id AND p.table_version = d.table_version AND p.prize_id = d.prize_id';

/** The event that each draw request writes. */
export const DRAWN_EVENT = 'lottery:draw_completed';

/** Whether the account of a user was merged into that of another; both as they follow FROM. */
export function isMergedInto(from: string, into: string): string {
  return `EXISTS (SELECT 1 FROM user_points_accounts merged WHERE merged.user_id = ${from} AND merged.merged_into = ${into})`;
}

/** Selects a row when the two sets, each as it follows FROM, have different numbers of rows. */
export function differ(left: string, right: string): string {
  return `SELECT l.n, r.n AS other FROM (SELECT COUNT(*) AS n FROM ${left}) l JOIN (SELECT COUNT(*) AS n FROM ${right}) r
    ON l.n <> r.n`;
}

/** Selects the values that occur more than once in a set, as it follows FROM. */
export function twice(value: string, from: string): string {
  return `SELECT ${value} AS value, COUNT(*) AS times FROM ${from} GROUP BY ${value} HAVING COUNT(*) > 1`;
}

/** Draws (d) that are counted, in statistics and of their people: the rest of them will be. */
export const COUNTED_DRAWS = `lottery_draws d
  JOIN lottery_statistics_cursors s ON s.campaign_id = d.campaign_id AND d.draw_no <= s.draw_no`;
