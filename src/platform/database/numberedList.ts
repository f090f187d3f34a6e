/** Lists of tables that grow for years, newest first by the number of their rows. */
import { In, LessThan, type EntityManager, type FindOptionsSelect, type FindOptionsWhere } from 'typeorm';
import { LIMITS } from '../limits.ts';
import type { Page, PageQuery } from '../shapes.ts';
import { readPage } from './readPage.ts';

export interface NumberedQuery extends PageQuery {
  /** The number that the page begins after; `page` means nothing then. */
  before?: number | undefined;
}

export interface NumberedTable<Row> {
  entity: new () => Row;
  /** The generated key that numbers the rows. */
  key: keyof Row & string;
  /** Columns each of which has an index that goes on with the key. No row has nothing, or 0, in one. */
  indexed?: readonly (keyof Row & string)[];
  /** All of them, when absent. */
  select?: FindOptionsSelect<Row>;
}

/** What is undefined is not asked for. */
export type Condition<Row> = { [Column in keyof Row]?: FindOptionsWhere<Row>[Column] | undefined };

/** A page whose total is counted up to a bound, and where the next page begins. */
export interface LongPage<Item> extends Page<Item> {
  isTotalExact: boolean;
  /** null: nothing follows. */
  next: number | null;
}

/** One page, and how many rows the condition finds in all, as far as they are counted. */
export async function listNumbered<Row extends object>(
  manager: EntityManager,
  table: NumberedTable<Row>,
  condition: Condition<Row>,
  query: NumberedQuery,
): Promise<LongPage<Row>> {
  const { entity, key, select } = table;
  const given = Object.entries(condition).filter(([, value]) => value !== undefined);
  const where = Object.fromEntries(given) as FindOptionsWhere<Row>;
  const { from, order } = placeOf(table, where, query);
  const page = await readPage(query, {
    items: (part) => manager.find(entity, { ...(select && { select }), where: from, order, ...part }),
    count: () => countTo(MOST_COUNTED, { manager, entity, where }),
  });
  return longPage(page, (row) => Number(row[key]));
}

/**
 * Where a page begins, and its order. By a value that is to be equal a database would look up all rows that have it, and go through
 * those that the page begins after; by one of two values, of which nothing has the other, it goes along the index from the key.
 */
function placeOf<Row extends object>(
  { key, indexed = [] }: NumberedTable<Row>,
  where: FindOptionsWhere<Row>,
  { before }: NumberedQuery,
): { from: FindOptionsWhere<Row>; order: object } {
  const byKey = { [key]: 'DESC' };
  if (before === undefined) return { from: where, order: byKey };
  const from = { ...where, [key]: LessThan(before) };
  const [column, ...others] = Object.keys(where) as (keyof Row & string)[];
  const value: unknown = column && where[column];
  const isIndexed = column !== undefined && others.length === 0 && indexed.includes(column);
  if (!isIndexed || (typeof value !== 'string' && typeof value !== 'number')) return { from, order: byKey };
  const nothing = typeof value === 'string' ? '' : 0;
  return { from: { ...from, [column]: In([value, nothing]) }, order: { [column]: 'DESC', ...byKey } };
}

/** One more than a page tells of. */
export const MOST_COUNTED = LIMITS.countedRows + 1;

/** @param page whose rows were counted to `MOST_COUNTED` */
export function longPage<Item>(
  { items, total, ...page }: Page<Item>,
  numberOf: (item: Item) => number,
): LongPage<Item> {
  const last = items.length < page.limit ? undefined : items.at(-1);
  return {
    ...page,
    items,
    total: Math.min(total, LIMITS.countedRows),
    isTotalExact: total <= LIMITS.countedRows,
    next: last === undefined ? null : numberOf(last),
  };
}

interface Counted<Row> {
  manager: EntityManager;
  entity: new () => Row;
  where: FindOptionsWhere<Row>;
}

/** Reads no more rows than it counts. */
export async function countTo<Row extends object>(
  most: number,
  { manager, entity, where }: Counted<Row>,
): Promise<number> {
  const counted = await manager
    .createQueryBuilder()
    .select('COUNT(*)', 'total')
    .from((rows) => rows.select('1', 'found').from(entity, 'listed').where(where).limit(most), 'counted')
    .getRawOne<{ total: number | string }>();
  return Number(counted?.total ?? 0);
}
