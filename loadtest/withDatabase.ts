import { openDataSources } from '../src/platform/database/dataSource.ts';
import { Database } from '../src/platform/database/transaction.ts';

/** Opens the database for some work, and closes it. */
export async function withDatabase<T>(url: string, work: (database: Database) => Promise<T>): Promise<T> {
  const database = new Database(await openDataSources({ url, replicaUrls: [], poolSize: 2 }));
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}
