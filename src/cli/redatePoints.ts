/**
 * `npm run points:redate -- --days N [--from-type TYPE] [--apply]`: tells which open lots of points would end when, if they lived for
 * N days from the one on which they came; with `--apply` they do. Beside the running service; a run that was broken off is begun
 * anew. Exit 0: told, or done; 2: wrong options, or the database cannot be read.
 */
import { parseArgs } from 'node:util';
import { openDataSources } from '../platform/database/dataSource.ts';
import { readNowMs } from '../platform/database/sharedClock.ts';
import { Database } from '../platform/database/transaction.ts';
import { previewRedating, redate, type RedatedLots, type RedatedSum } from '../points/redating.ts';
import { businessTimezone, databaseUrl, graceDays } from './environment.ts';

/** Of more ends than that, months are told. */
const TOLD_DAYS = 31;

interface Asked {
  days: number;
  fromType: string | undefined;
  isApplied: boolean;
}

try {
  await run(askedOf(process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}

function askedOf(parameters: string[]): Asked {
  const options = {
    days: { type: 'string' },
    'from-type': { type: 'string' },
    apply: { type: 'boolean' },
  } as const;
  const { values } = parseArgs({ args: parameters, options });
  const { days = '', 'from-type': fromType, apply: isApplied = false } = values;
  if (!/^[1-9]\d{0,3}$/.test(days) || Number(days) > 3650) throw new Error('--days must be 1 to 3650');
  if (fromType !== undefined && !/^[a-z0-9_:-]{1,32}$/.test(fromType))
    throw new Error('--from-type must be a type of ledger rows, as earn');
  return { days: Number(days), fromType, isApplied };
}

async function run({ days, fromType, isApplied }: Asked): Promise<void> {
  const timezone = businessTimezone(process.env);
  const redating = { days, fromType, graceDays: graceDays(process.env), timezone };
  const sources = await openDataSources({ url: databaseUrl(process.env), replicaUrls: [], poolSize: 2 });
  const database = new Database(sources, { timezone });
  try {
    // Nodes go by the database's clock as well.
    const aheadMs = database.dialect === 'mysql' ? (await readNowMs(database)) - Date.now() : 0;
    const services = { database, clock: { nowMs: () => Date.now() + aheadMs } };
    const preview = await previewRedating(services, redating);
    tell(preview);
    if (!isApplied) return console.log('nothing is written: --apply does it');
    const { all } = await redate(services, redating, preview);
    console.log(`written: ${textOf(all)}`);
  } finally {
    await database.close();
  }
}

function tell({ all, byDay, byMonth }: RedatedLots): void {
  console.log(`another end for ${textOf(all)}`);
  const shown = byDay.size > TOLD_DAYS ? byMonth : byDay;
  for (const [last, sum] of [...shown].sort()) console.log(`  through ${last}: ${textOf(sum)}`);
}

function textOf({ lots, users, hundredths }: RedatedSum): string {
  return `${lots} lots of ${users} users, ${hundredths / 100} points`;
}
