/**
 * `npm run analytics:recount`: holds minutes, hours and days of what diners do on the pages against the rows that are stored, on one
 * consistent view, beside the running service. `-- --mend` puts right what differs. Exit 0: they agree, or do now; 1: they differ; 2: the
 * database cannot be read, or nothing else is understood.
 */
import { parseArgs } from 'node:util';
import { Buckets } from '../analytics/behaviors/buckets.ts';
import { raiseStats } from '../analytics/behaviors/raiseStats.ts';
import { mendingOf, readDifferences, textOf, type Difference } from '../analytics/behaviors/recount.ts';
import { Snapshot } from '../books/snapshot.ts';
import { openDataSources } from '../platform/database/dataSource.ts';
import { Database } from '../platform/database/transaction.ts';
import { businessTimezone, databaseUrl } from './environment.ts';

/** Differences that are put right in one transaction. */
const BATCH = 200;

try {
  const { mend } = parseArgs({ options: { mend: { type: 'boolean', default: false } } }).values;
  const url = databaseUrl(process.env);
  const differences = await read(url, businessTimezone(process.env));
  for (const difference of differences) console.log(textOf(difference));
  if (differences.length === 0) console.log('all counts agree with what is stored');
  else if (mend) {
    await put(url, differences);
    console.log(`${differences.length} counts put right`);
  } else process.exitCode = 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}

async function read(url: string, timezone: string): Promise<Difference[]> {
  const snapshot = await Snapshot.open(url);
  try {
    return await readDifferences(snapshot, new Buckets(timezone), Date.now());
  } finally {
    await snapshot.close();
  }
}

async function put(url: string, differences: readonly Difference[]): Promise<void> {
  const database = new Database(await openDataSources({ url, replicaUrls: [], poolSize: 2 }));
  try {
    const rows = mendingOf(differences);
    for (let from = 0; from < rows.length; from += BATCH)
      await database.retryingTransaction((tx) => raiseStats(tx, rows.slice(from, from + BATCH)));
  } finally {
    await database.close();
  }
}
