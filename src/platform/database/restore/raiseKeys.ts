import type { DataSources } from '../sources.ts';

export interface RaisedKeys {
  /** How old what was restored is. */
  ageMs: number;
  /** By table: the key that would have been next when the backup was made; rows that had it before may have been forgotten. */
  nextKeys: Readonly<Record<string, number>>;
  /** By table, of keys of which there are few: how many are left out. */
  scarce: Readonly<Record<string, number>>;
}

/** Of 64-bit keys, and of others, so many are taken to have been given in a second. */
const WIDE_PER_SECOND = 10_000;
const NARROW_PER_SECOND = 1;
const LEAST_SECONDS = 3600;
/** Whoever goes through people by ranges of their ids goes through what is left out as well. */
const MOST_NARROW = 100_000;

/**
 * Leaves keys out that may have been given since the backup: what somebody still has by such a key, as a token, a link or an id of an
 * event that was delivered, would be of another row.
 * @returns the next key by table
 */
export async function raiseKeys(
  { dialect, write }: DataSources,
  { ageMs, nextKeys, scarce }: RaisedKeys,
): Promise<ReadonlyMap<string, number>> {
  const seconds = Math.max(Math.ceil(ageMs / 1000), LEAST_SECONDS);
  const raised = new Map<string, number>();
  for (const { tableName: table, generatedColumns } of write.entityMetadatas) {
    const [column] = generatedColumns;
    if (column === undefined) continue;
    const [row] = await write.query<[{ highest: number | string | null }]>(
      `SELECT MAX(${column.databaseName}) AS highest FROM ${table}`,
    );
    const usual =
      column.type === 'bigint'
        ? seconds * WIDE_PER_SECOND
        : Math.min(seconds * NARROW_PER_SECOND, MOST_NARROW);
    const next = Math.max(nextKeys[table] ?? 1, Number(row.highest ?? 0) + 1) + (scarce[table] ?? usual);
    if (dialect === 'mysql') await write.query(`ALTER TABLE ${table} AUTO_INCREMENT = ${next}`);
    else {
      // As text: the driver binds numbers as doubles.
      await write.query('DELETE FROM sqlite_sequence WHERE name = ?', [table]);
      await write.query(`INSERT INTO sqlite_sequence (name, seq) VALUES (?, ${next - 1})`, [table]);
    }
    raised.set(table, next);
  }
  return raised;
}
