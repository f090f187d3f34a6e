/** What is in a database, as one view of it has it. */
import type { Snapshot } from '../books/snapshot.ts';

export interface StoredTable {
  name: string;
  columns: string[];
  /** The key that the next row gets; null: it has none of its own. */
  nextKey: number | null;
}

/** Names of migrations, in the order in which they were made. */
export async function readMigrations(snapshot: Snapshot): Promise<string[]> {
  const rows = await snapshot.query<{ name: string }>('SELECT name FROM migrations ORDER BY id');
  return rows.map(({ name }) => name);
}

/** In the order of their names. */
export async function readTables(snapshot: Snapshot): Promise<StoredTable[]> {
  return snapshot.dialect === 'sqlite' ? tablesOfSqlite(snapshot) : tablesOfMysql(snapshot);
}

export async function countRows(snapshot: Snapshot, table: string): Promise<number> {
  const [row] = await snapshot.query<{ count: number | string }>(
    `SELECT COUNT(*) AS count FROM \`${table}\``,
  );
  return Number(row!.count);
}

async function tablesOfSqlite(snapshot: Snapshot): Promise<StoredTable[]> {
  const rows = await snapshot.query<{ name: string; seq: number | null }>(
    `SELECT t.name, s.seq FROM sqlite_master t LEFT JOIN sqlite_sequence s ON s.name = t.name
     WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY t.name`,
  );
  return rows.map(({ name, seq }) => ({ name, columns: [], nextKey: seq === null ? null : seq + 1 }));
}

/** Without columns that the server works out by itself. */
async function tablesOfMysql(snapshot: Snapshot): Promise<StoredTable[]> {
  // MySQL tells next keys of yesterday otherwise; MariaDB, which knows no such setting, passes over the comment.
  await snapshot.query(
    'SET SESSION sql_safe_updates = 0 /*!80000 , SESSION information_schema_stats_expiry = 0 */',
  );
  const tables = await snapshot.query<{ name: string; next_key: string | null }>(
    `SELECT table_name AS name, auto_increment AS next_key FROM information_schema.tables
     WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE' ORDER BY table_name`,
  );
  const columns = await snapshot.query<{ table_name: string; name: string }>(
    `SELECT table_name AS table_name, column_name AS name FROM information_schema.columns
     WHERE table_schema = DATABASE() AND COALESCE(generation_expression, '') = '' ORDER BY table_name, ordinal_position`,
  );
  const byTable = Map.groupBy(columns, (column) => column.table_name);
  return tables.map(({ name, next_key: nextKey }) => ({
    name,
    columns: (byTable.get(name) ?? []).map((column) => column.name),
    nextKey: nextKey === null ? null : Number(nextKey),
  }));
}
