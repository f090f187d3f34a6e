/** Many rows as one statement, by what their entity says of its columns: no value is tied to its column by a position. */
import type { EntityMetadata, ObjectLiteral } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import type { Dialect } from './sources.ts';
import { sqlTime } from './sqlValues.ts';
import type { Tx } from './transaction.ts';

/** SQLite binds at most 32,766 values in one statement. */
const MAX_SQLITE_VALUES = 32_000;

type Entity<Row> = new () => Row;

/** The values of a column in the row that is there and in the one that meets it. */
export interface MergedRows<Row> {
  stored(column: keyof Row & string): string;
  given(column: keyof Row & string): string;
}

/**
 * Columns that an upsert does not simply write over, in the order of their assignment: on MariaDB later ones see earlier ones. Kept
 * are those of the row that is there: SQLite writes each index of a column that is assigned, with whatever value.
 */
export type Merges<Row> = { readonly [C in keyof Row]?: 'kept' | ((rows: MergedRows<Row>) => string) };

/**
 * Inserts all rows with one statement (on SQLite one per 32,000 values). All give the same columns; one that they leave out takes
 * its default. Whoever needs their generated keys reads them: by how much they differ is the server's to say
 * (auto_increment_increment), and servers that share the writing say more than one (DB-10).
 */
export async function insertAll<Row extends object>(
  tx: Tx,
  entity: Entity<Row>,
  rows: readonly Partial<Row>[],
): Promise<void> {
  await writeRows(tx, planOf(tx, entity), rows);
}

/** @returns the generated key of the row. */
export async function insertOne<Row extends object>(
  tx: Tx,
  entity: Entity<Row>,
  row: Partial<Row>,
): Promise<number> {
  return writeRows(tx, planOf(tx, entity), [row]);
}

/** Inserts all rows, and where a row with that primary key exists writes the other given columns over it. */
export async function upsertAll<Row extends object>(
  tx: Tx,
  entity: Entity<Row>,
  rows: readonly Partial<Row>[],
  merges: Merges<Row> = {},
): Promise<void> {
  await writeRows(tx, planOf(tx, entity), rows, merges);
}

/** How the values of an entity become those of a statement, worked out once. */
interface Plan {
  table: string;
  keys: readonly string[];
  columns: ReadonlyMap<string, PlannedColumn>;
}

interface PlannedColumn {
  property: string;
  name: string;
  /** Absent: values go as they are. */
  toCell: ((value: unknown) => unknown) | undefined;
}

const plans = new WeakMap<EntityMetadata, Plan>();

function planOf(tx: Tx, entity: Entity<object>): Plan {
  const metadata = tx.manager.dataSource.getMetadata(entity);
  const known = plans.get(metadata);
  if (known !== undefined) return known;
  const planned = metadata.columns.map((column) => ({
    property: column.propertyName,
    name: column.databaseName,
    toCell: conversionOf(column),
  }));
  const plan = {
    table: metadata.tableName,
    keys: metadata.primaryColumns.map(({ databaseName }) => databaseName),
    columns: new Map(planned.map((column) => [column.property, column])),
  };
  plans.set(metadata, plan);
  return plan;
}

/** Types whose values the drivers take as they are, once the column's own transformer has had them. */
const PLAIN: ReadonlySet<unknown> = new Set(['integer', 'bigint', 'decimal', 'varchar', 'text']);

/** As a repository writes them. */
function conversionOf(column: ColumnMetadata): PlannedColumn['toCell'] {
  const { transformer, type } = column;
  if (type === 'datetime') return timeConversion();
  if (PLAIN.has(type) && !Array.isArray(transformer)) return transformer?.to.bind(transformer);
  const { driver } = column.entityMetadata.dataSource;
  return (value) => driver.preparePersistentValue(value, column) as unknown;
}

/** The rows of a batch have one time, which is written out once. */
function timeConversion(): (value: unknown) => unknown {
  let lastMs: number | undefined;
  let text = '';
  return (value) => {
    if (value === null) return null;
    const timeMs = (value as Date).getTime();
    if (timeMs !== lastMs) text = sqlTime(timeMs);
    lastMs = timeMs;
    return text;
  };
}

/** @returns the generated key of the row, where there is one row. */
async function writeRows(
  tx: Tx,
  { table, keys, columns: known }: Plan,
  rows: readonly ObjectLiteral[],
  merges?: Merges<ObjectLiteral>,
): Promise<number> {
  if (rows.length === 0) return 0;
  const columns = Object.keys(rows[0]!).map((property) => known.get(property)!);
  const names = columns.map(({ name }) => name);
  const suffix = merges === undefined ? '' : overwrite(tx.dialect, { table, keys, names, merges });
  const head = `INSERT INTO ${table} (${names.join(', ')}) VALUES `;
  const runner = tx.manager.queryRunner!;
  if (tx.dialect === 'mysql') {
    const cells = rows.map((row) => cellsOf(row, columns));
    const result = (await runner.query(`${head}?${suffix}`, [cells])) as { insertId: number };
    return result.insertId;
  }
  const perStatement = Math.floor(MAX_SQLITE_VALUES / columns.length);
  const marks = `(${columns.map(() => '?').join(',')})`;
  let lastKey = 0;
  for (let from = 0; from < rows.length; from += perStatement) {
    const part = rows.slice(from, from + perStatement);
    const cells = part.flatMap((row) => cellsOf(row, columns));
    lastKey = Number(await runner.query(`${head}${part.map(() => marks).join(',')}${suffix}`, cells));
  }
  return lastKey;
}

function cellsOf(row: ObjectLiteral, columns: readonly PlannedColumn[]): unknown[] {
  if (Object.keys(row).length !== columns.length)
    throw new Error('Rows of one statement give the same columns');
  return columns.map(({ property, toCell }) => {
    const value: unknown = row[property];
    if (value === undefined) throw new Error(`A row gives no ${property}`);
    return toCell === undefined ? value : toCell(value);
  });
}

interface Overwrite {
  table: string;
  keys: readonly string[];
  names: readonly string[];
  merges: Merges<ObjectLiteral>;
}

/** A merge may look at columns that are written over. */
function overwrite(dialect: Dialect, { table, keys, names, merges }: Overwrite): string {
  const given = (column: string) => (dialect === 'mysql' ? `VALUES(${column})` : `excluded.${column}`);
  const stored = (column: string) => `${table}.${column}`;
  const mergedFirst = new Set([...Object.keys(merges), ...names.filter((name) => !keys.includes(name))]);
  const assignments = [...mergedFirst].flatMap((column) => {
    const merge = merges[column];
    if (merge === 'kept') return [];
    return `${column} = ${merge?.({ stored, given }) ?? given(column)}`;
  });
  const head =
    dialect === 'mysql' ? 'ON DUPLICATE KEY UPDATE' : `ON CONFLICT (${keys.join(', ')}) DO UPDATE SET`;
  return ` ${head} ${assignments.join(', ')}`;
}
