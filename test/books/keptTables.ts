/** Tables that tests break, and how they were. */
import type { Database } from '../../src/platform/database/transaction.ts';

export async function keepTables(database: Database, tables: readonly string[]): Promise<void> {
  for (const table of tables) {
    const sql = `CREATE TABLE kept_${table} AS SELECT * FROM ${table}`;
    // MySQL ends a transaction with it.
    if (database.dialect === 'mysql') await database.readCurrent(sql);
    else await database.transaction((tx) => tx.execute(sql));
  }
}

export async function restoreTable(database: Database, table: string): Promise<void> {
  await database.transaction(async (tx) => {
    await tx.execute(`DELETE FROM ${table}`);
    await tx.execute(`INSERT INTO ${table} SELECT * FROM kept_${table}`);
  });
}
