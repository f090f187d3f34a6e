/**
 * `npm run interactions:rebuild`: makes what tastes are learned from anew out of draws, exchanges, the ledger and trades, beside the
 * running service. Exit 0: made; 2: the database cannot be read.
 */
import { rebuildInteractions } from '../books/rebuildInteractions.ts';
import { openDataSources } from '../platform/database/dataSource.ts';
import { Database } from '../platform/database/transaction.ts';
import { businessTimezone, databaseUrl } from './environment.ts';

try {
  const sources = await openDataSources({ url: databaseUrl(process.env), replicaUrls: [], poolSize: 2 });
  const database = new Database(sources, { timezone: businessTimezone(process.env) });
  console.log(`${await rebuildInteractions(database)} people looked at`);
  await database.close();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
