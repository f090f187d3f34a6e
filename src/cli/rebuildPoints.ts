/**
 * `npm run points:rebuild`: makes the statistics and leaderboards of points anew from the ledger, beside the running service. `npm
 * run audit` tells whether they agree. Exit 0: made; 2: the database cannot be read.
 */
import { openDataSources } from '../platform/database/dataSource.ts';
import { Database } from '../platform/database/transaction.ts';
import { rebuildSums } from '../points/statistics/rebuild.ts';
import { businessTimezone, databaseUrl } from './environment.ts';

try {
  const sources = await openDataSources({ url: databaseUrl(process.env), replicaUrls: [], poolSize: 2 });
  const database = new Database(sources, { timezone: businessTimezone(process.env) });
  console.log(`${await rebuildSums(database)} accounts counted anew`);
  await database.close();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
