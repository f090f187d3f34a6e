/** How much of the disk tables take, with their indices. */
import type { Database } from '../../src/platform/database/transaction.ts';

export interface TableSize {
  rows: number;
  bytes: number;
}

/** By table. On MySQL as its statistics have it, which are brought up to date for it: pages, with what is free in them. */
export async function tableSizes(
  database: Database,
  tables: readonly string[],
): Promise<Map<string, TableSize>> {
  const sizes = new Map<string, TableSize>();
  const bytesOf =
    database.dialect === 'mysql' ? await mysqlBytes(database, tables) : await sqliteBytes(database);
  for (const table of tables) {
    const [row] = await database.readCurrent<{ n: number | string }>(`SELECT COUNT(*) AS n FROM ${table}`);
    sizes.set(table, { rows: Number(row!.n), bytes: bytesOf.get(table) ?? 0 });
  }
  return sizes;
}

/** Gives what deleted rows have left back to the disk: it rewrites the tables. */
export async function shrink(database: Database, tables: readonly string[]): Promise<void> {
  const { write } = database['sources'];
  if (database.dialect === 'mysql') await write.query(`OPTIMIZE TABLE ${tables.join(', ')}`);
  else await write.query('VACUUM');
}

/** Of the indices of a table, the largest first; its rows stand in the first of them, or, on SQLite, under the table's own name. */
export async function indexSizes(database: Database, table: string): Promise<Bytes[]> {
  const sql =
    database.dialect === 'mysql'
      ? `SELECT index_name AS name, stat_value * @@innodb_page_size AS bytes FROM mysql.innodb_index_stats
         WHERE database_name = DATABASE() AND table_name = ? AND stat_name = 'size' ORDER BY bytes DESC`
      : `SELECT s.name, SUM(s.pgsize) AS bytes FROM dbstat s JOIN sqlite_master m ON m.name = s.name
         WHERE s.aggregate = TRUE AND m.tbl_name = ? GROUP BY s.name ORDER BY bytes DESC`;
  return database.readCurrent<Bytes>(sql, [table]);
}

interface Bytes {
  name: string;
  bytes: number | string;
}

async function mysqlBytes(database: Database, tables: readonly string[]): Promise<Map<string, number>> {
  await database['sources'].write.query(`ANALYZE TABLE ${tables.join(', ')}`);
  const rows = await database.readCurrent<Bytes>(
    `SELECT table_name AS name, data_length + index_length AS bytes FROM information_schema.tables
     WHERE table_schema = DATABASE() AND table_name IN (?)`,
    [tables],
  );
  return new Map(rows.map(({ name, bytes }) => [name, Number(bytes)]));
}

async function sqliteBytes(database: Database): Promise<Map<string, number>> {
  const rows = await database.readCurrent<Bytes>(
    `SELECT m.tbl_name AS name, SUM(s.pgsize) AS bytes FROM dbstat s JOIN sqlite_master m ON m.name = s.name
     WHERE s.aggregate = TRUE GROUP BY m.tbl_name`,
  );
  return new Map(rows.map(({ name, bytes }) => [name, Number(bytes)]));
}
