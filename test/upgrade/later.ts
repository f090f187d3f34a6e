/** What a later build could leave in a database: columns and values that this one does not know. */
import type { DataSource } from 'typeorm';
import { isDuplicate } from '../../src/platform/database/driverErrors.ts';

/** Columns by whose values code tells rows apart. */
const TELLING =
  /^(status|state|kind|type|role|source|period|priority|tier|reason|decision|outcome|field|problem|severity|strategy|measure|occasion|unit|step_order|carrier|disabled_reason|owner_kind|code_source|name|content_type|\w+_type)$/;
const LONGEST = 32;
/** Short enough for each of them. */
export const LATER = 'later';
/**
 * Who would be logged out by it; a chain, which is verified as a whole and has a public format of its own; and by what a claim finds
 * its review.
 */
const LEFT_OUT = new Set(['users.role', 'users.status', 'lottery_fairness_entries.kind', 'reviews.kind']);

/** To each table: one column that may be null, and one that has a default. */
export async function addColumns({ entityMetadatas, query }: Schema): Promise<number> {
  for (const { tableName } of entityMetadatas) {
    await query(`ALTER TABLE ${tableName} ADD COLUMN later_note VARCHAR(32)`);
    await query(`ALTER TABLE ${tableName} ADD COLUMN later_count INTEGER NOT NULL DEFAULT 7`);
  }
  return entityMetadatas.length;
}

/** In every second row but the first, so that no value hides another one; of a key, once. @returns the columns, as table.column */
export async function plantValues({ entityMetadatas, query }: Schema): Promise<string[]> {
  const planted: string[] = [];
  for (const { tableName, columns, primaryColumns } of entityMetadatas) {
    const keys = primaryColumns.map(({ databaseName }) => databaseName);
    const telling = columns.filter(
      ({ databaseName: name, type, length }) =>
        TELLING.test(name) &&
        type === 'varchar' &&
        Number(length) <= LONGEST &&
        !LEFT_OUT.has(`${tableName}.${name}`),
    );
    for (const [at, { databaseName: column }] of telling.entries()) {
      const rows = await query(`SELECT ${keys.join(', ')} FROM ${tableName} ORDER BY ${keys.join(', ')}`);
      const where = keys.map((key) => `${key} = ?`).join(' AND ');
      let count = 0;
      for (const [place, row] of rows.entries()) {
        const isIt = rows.length === 1 || (place > 0 && place % 2 === at % 2);
        if (!isIt || (keys.includes(column) && count > 0)) continue;
        try {
          await query(
            `UPDATE ${tableName} SET ${column} = '${LATER}' WHERE ${where}`,
            keys.map((key) => row[key]),
          );
          count += 1;
        } catch (error) {
          // There can be no second one of it.
          if (!isDuplicate(error)) throw error;
        }
      }
      if (count === 0) continue;
      planted.push(`${tableName}.${column}`);
    }
  }
  return planted;
}

interface Schema extends Pick<DataSource, 'entityMetadatas'> {
  query(sql: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
}

export function schemaOf(source: DataSource): Schema {
  return {
    entityMetadatas: source.entityMetadatas,
    query: (sql, values) => source.query<Record<string, unknown>[]>(sql, values),
  };
}
