/** Lists of tables that grow for years, newest first by the number of their rows. */
import { LIMITS } from '../limits.ts';
import type { Page, PageQuery } from '../shapes.ts';

export interface NumberedQuery extends PageQuery {
  /** The number that the page begins after; `page` means nothing then. */
  before?: number | undefined;
}

export interface NumberedTable {
  table: string;
  /** The generated key that numbers the rows. */
  key: string;
  columns: string;
}

export interface Condition {
  condition: string;
  parameters: readonly unknown[];
}

/** A page whose total is counted up to a bound, and where the next page begins. */
export interface LongPage<Item> extends Page<Item> {
  isTotalExact: boolean;
  /** null: nothing follows. */
  next: number | null;
}

type Read = <Row>(sql: string, parameters?: unknown[]) => Promise<Row[]>;

/** One page, and how many rows the condition finds in all, as far as they are counted. */
export async function listNumbered<Row extends object>(
  read: Read,
  { table, key, columns }: NumberedTable,
  { condition, parameters }: Condition,
  { page, limit, before }: NumberedQuery,
): Promise<LongPage<Row>> {
  const from = before === undefined ? '' : ` AND ${key} < ?`;
  const [rows, [counted]] = await Promise.all([
    read<Row>(
      `SELECT ${columns} FROM ${table} WHERE ${condition}${from} ORDER BY ${key} DESC LIMIT ? OFFSET ?`,
      before === undefined ? [...parameters, limit, (page - 1) * limit] : [...parameters, before, limit, 0],
    ),
    read<{ total: number | string }>(
      `SELECT COUNT(*) AS total FROM (SELECT 1 FROM ${table} WHERE ${condition} LIMIT ?) counted`,
      [...parameters, LIMITS.countedRows + 1],
    ),
  ]);
  const total = Number(counted?.total ?? 0);
  const last = rows.length < limit ? undefined : rows.at(-1);
  return {
    items: rows,
    page,
    limit,
    total: Math.min(total, LIMITS.countedRows),
    isTotalExact: total <= LIMITS.countedRows,
    next: last === undefined ? null : Number((last as Record<string, unknown>)[key]),
  };
}
