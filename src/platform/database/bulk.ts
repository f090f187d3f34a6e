import type { Dialect } from './sources.ts';
import type { Tx } from './transaction.ts';

type Cell = string | number | boolean | null;

/** SQLite binds at most 32,766 values in one statement. */
const MAX_SQLITE_VALUES = 32_000;

/** The values of a column in the row that is there and in the one that meets it. */
export interface MergedRows {
  stored(column: string): string;
  given(column: string): string;
}

/** A table's name and the columns that rows are given in, in that order. */
export interface BulkTarget {
  table: string;
  columns: readonly string[];
  /** Columns that an upsert does not simply write over, in the order of their assignment: on MariaDB later ones see earlier ones. */
  merged?: Readonly<Record<string, (rows: MergedRows) => string>>;
}

/**
 * Inserts all rows with one statement (on SQLite one per 32,000 values). Whoever needs their generated keys reads them: by how
 * much they differ is the server's to say (auto_increment_increment), and servers that share the writing say more than one (DB-10).
 */
export async function insertRows(tx: Tx, target: BulkTarget, rows: readonly Cell[][]): Promise<void> {
  await writeRows(tx, target, rows, '');
}

/** @returns the generated key of the row. */
export async function insertRow(tx: Tx, target: BulkTarget, row: Cell[]): Promise<number> {
  return writeRows(tx, target, [row], '');
}

/** Inserts all rows, and where a row with that primary key exists writes the other columns over it. */
export async function upsertRows(
  tx: Tx,
  target: BulkTarget,
  keys: readonly string[],
  rows: readonly Cell[][],
): Promise<void> {
  const others = target.columns.filter((column) => !keys.includes(column));
  await writeRows(tx, target, rows, overwrite(tx.dialect, keys, mergedFirst(others, target), target));
}

/** @returns the generated key of the row, where there is one row. */
async function writeRows(
  tx: Tx,
  target: BulkTarget,
  rows: readonly Cell[][],
  suffix: string,
): Promise<number> {
  if (rows.length === 0) return 0;
  const runner = tx.manager.queryRunner!;
  const head = `INSERT INTO ${target.table} (${target.columns.join(', ')}) VALUES `;
  if (tx.dialect === 'mysql') {
    const result = (await runner.query(`${head}?${suffix}`, [rows])) as { insertId: number };
    return result.insertId;
  }
  const perStatement = Math.floor(MAX_SQLITE_VALUES / target.columns.length);
  const row = `(${target.columns.map(() => '?').join(',')})`;
  let lastKey = 0;
  for (let from = 0; from < rows.length; from += perStatement) {
    const part = rows.slice(from, from + perStatement);
    lastKey = Number(await runner.query(`${head}${part.map(() => row).join(',')}${suffix}`, part.flat()));
  }
  return lastKey;
}

/** A merge may look at columns that are written over. */
function mergedFirst(columns: readonly string[], { merged = {} }: BulkTarget): string[] {
  const order = Object.keys(merged);
  return [...order, ...columns.filter((column) => !order.includes(column))];
}

function overwrite(
  dialect: Dialect,
  keys: readonly string[],
  columns: readonly string[],
  { table, merged }: BulkTarget,
): string {
  const given = (column: string) => (dialect === 'mysql' ? `VALUES(${column})` : `excluded.${column}`);
  const stored = (column: string) => `${table}.${column}`;
  const assignments = columns.map((column) => {
    return `${column} = ${merged?.[column]?.({ stored, given }) ?? given(column)}`;
  });
  const head =
    dialect === 'mysql' ? 'ON DUPLICATE KEY UPDATE' : `ON CONFLICT (${keys.join(', ')}) DO UPDATE SET`;
  return ` ${head} ${assignments.join(', ')}`;
}
