/**
 * `npm run archive -- --before 2025-01-01`: packs the draws of campaigns that ended before that day, beside the running service.
 * `--to FOLDER` writes a copy of what is published of each of them first, `--dry-run` says what it would do, `--pause MS` (50) is the least
 * rest between two packs. Broken off, it goes on where it was when it is run again. Exit 0: all that may be packed is; 1: some of it is not; 2: it was refused, or the database cannot be read.
 */
import { parseArgs } from 'node:util';
import {
  archiveDraws,
  earlierNowMs,
  findDue,
  refusalOf,
  type Archived,
  type Archiving,
} from '../lottery/archive/archiveDraws.ts';
import { writeArchiveFile } from '../lottery/archive/archiveFile.ts';
import { FairnessExports } from '../lottery/fairnessExport.ts';
import { startOfBusinessDay, systemClock } from '../platform/clock.ts';
import { openDataSources } from '../platform/database/dataSource.ts';
import { Database } from '../platform/database/transaction.ts';
import { businessTimezone, databaseUrl, legalHoldDays, seedKey } from './environment.ts';

try {
  await run();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}

async function run(): Promise<void> {
  const { values } = parseArgs({
    options: {
      before: { type: 'string' },
      to: { type: 'string' },
      pause: { type: 'string', default: '50' },
      'dry-run': { type: 'boolean', default: false },
    },
  });
  const timezone = businessTimezone(process.env);
  const { before = '' } = values;
  const beforeMs = /^\d{4}-\d\d-\d\d$/.test(before) ? startOfBusinessDay(before, timezone) : NaN;
  if (!Number.isFinite(beforeMs)) throw new Error('--before YYYY-MM-DD is required');
  if (!/^\d{1,5}$/.test(values.pause)) throw new Error('--pause must be milliseconds');
  const holdDays = legalHoldDays(process.env);
  const sources = await openDataSources({ url: databaseUrl(process.env), replicaUrls: [], poolSize: 2 });
  const database = new Database(sources, { timezone });
  try {
    const services = { database, clock: systemClock };
    const nowMs = await earlierNowMs(services);
    const refusal = refusalOf(beforeMs, { nowMs, holdDays });
    if (refusal !== undefined) throw new Error(refusal);
    if (values['dry-run']) for (const due of await findDue(database, beforeMs)) tell(due, true);
    else await archive(services, { beforeMs, pauseMs: Number(values.pause), ...copyTo(database, values.to) });
  } finally {
    await database.close();
  }
}

/** Each campaign's file is made of rows, before it is packed, and of packs where that was begun before. */
function copyTo(database: Database, folder: string | undefined): Pick<Archiving, 'copy'> {
  if (folder === undefined) return {};
  const key = seedKey(process.env);
  if (key === undefined) throw new Error('--to needs SEED_ENCRYPTION_KEY, since seeds are in the files');
  const exports = new FairnessExports({ database, seedKey: key, kept: { keptEntries: () => undefined } });
  return {
    async copy(campaignId) {
      const isNew = await writeArchiveFile(folder, campaignId, () => exports.make(campaignId, '127.0.0.1'));
      console.log(`campaign ${campaignId}: its file ${isNew ? 'is written' : 'is there, and whole'}`);
    },
  };
}

async function archive(services: Parameters<typeof archiveDraws>[0], archiving: Archiving): Promise<void> {
  const ending = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ending.abort());
  let campaigns = 0;
  let packed = 0;
  for await (const archived of archiveDraws(services, { ...archiving, stopping: ending.signal })) {
    campaigns += 1;
    packed += archived.packed;
    tell(archived, false);
    if (archived.problem !== undefined) process.exitCode = 1;
  }
  console.log(`${packed} draws of ${campaigns} campaigns packed`);
}

function tell({ campaignId, draws, packed, problem }: Archived, isDry: boolean): void {
  const what = isDry ? `${draws} draws to pack` : `${packed} of ${draws} draws packed`;
  console.log(`campaign ${campaignId}: ${what}${problem === undefined ? '' : `; ${problem}`}`);
}
