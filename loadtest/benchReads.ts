/**
 * `npm run bench:reads`: whether reading by very many diners slows the draws of others. In one process on one database: a
 * campaign with many diners and draws, whose owner draws in rounds with and without `me` of random diners, in turns, and the cost
 * of what must not grow with them: opening the campaign, a `me`, a page of history. Exit 1 where a ratio is above its bound.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../src/platform/clock.ts';
import { openDataSources } from '../src/platform/database/dataSource.ts';
import { Database } from '../src/platform/database/transaction.ts';
import { createLogger } from '../src/platform/logger.ts';
import { Campaign, type CampaignServices } from '../src/lottery/campaign.ts';
import { listDraws } from '../src/lottery/history.ts';
import { createCampaign, createUsers } from '../test/support/factories.ts';
import { analyse, writeManyRows } from '../test/support/manyRows.ts';
import { startMariadb } from '../test/support/services.ts';
import { databaseKind, readCommandLine, whole } from './commandLine.ts';
import { formatMs, median } from './figures.ts';
import { goneAtExit } from '../test/support/goneAtExit.ts';

const USAGE = `npm run bench:reads -- [options]

  --database sqlite|mariadb   on which database (sqlite)
  --diners N                  diners of the campaign (100000)
  --draws N                   draws it has had (100000)
  --rate N                    me asked per second (200)
  --seconds N                 length of a round (3)
  --rounds N                  rounds with and without me each (5)
`;
const options = readCommandLine({
  usage: USAGE,
  known: {
    database: { type: 'string', default: 'sqlite' },
    diners: { type: 'string', default: '100000' },
    draws: { type: 'string', default: '100000' },
    rate: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '5' },
  },
  read: ({ database, diners, draws, rate, seconds, rounds }) => ({
    database: databaseKind('database', database),
    diners: whole('diners', diners, { most: 10_000_000 }),
    draws: whole('draws', draws, { most: 10_000_000 }),
    rate: whole('rate', rate, { most: 100_000 }),
    seconds: whole('seconds', seconds, { most: 300 }),
    rounds: whole('rounds', rounds, { most: 99 }),
  }),
});
const DRAWERS = 20;
const MAX_SLOWER = 1.2;
const DRAWN_TABLES = [
  'users',
  'user_points_accounts',
  'lottery_user_counters',
  'lottery_draws',
  'lottery_prizes',
];

const folder = goneAtExit(mkdtempSync(join(tmpdir(), 'kaijiang-bench-reads-')));
const server =
  options.database === 'mariadb' ? await startMariadb(['--innodb-buffer-pool-size=256M']) : undefined;
const url = server?.url(await server.createDatabase()) ?? `sqlite:${join(folder, 'reads.db')}`;
const database = new Database(await openDataSources({ url, replicaUrls: [], poolSize: 10 }));
const services: CampaignServices = {
  database,
  clock: systemClock,
  logger: createLogger('error'),
  seedKey: Buffer.alloc(32, 7),
  businessTimezone: 'Asia/Shanghai',
  drawRatePerSecond: 1_000_000,
};

async function run(): Promise<boolean> {
  const small = await prepare({ diners: 100, draws: 1000 });
  const large = await prepare({ diners: options.diners, draws: options.draws });
  await analyse(database, DRAWN_TABLES);
  console.log(`${options.database}: ${options.diners} diners, ${options.draws} draws, against 100 and 1,000`);
  for (const [name, work] of Object.entries(READS)) {
    const [of100, ofMany] = [await timed(() => work(small)), await timed(() => work(large))];
    console.log(`${name}: ${formatMs(of100)} → ${formatMs(ofMany)} ms`);
  }
  return compareDraws(large);
}

interface Prepared {
  campaignId: number;
  /** The first of its diners; the others follow without a gap. */
  firstId: number;
  diners: number;
  owner: Campaign;
  drawers: number[];
}

async function prepare({ diners, draws }: { diners: number; draws: number }): Promise<Prepared> {
  const { campaignId, prizeIds } = await createCampaign(database);
  await (await Campaign.open(services, campaignId)).close();
  const winPrizeId = prizeIds[0]!;
  const firstId = await writeManyRows(database, { campaignId, diners, draws, winEvery: 10, winPrizeId });
  const drawers = await createUsers(database, DRAWERS, { points: 90_000_000_00 });
  return { campaignId, firstId, diners, drawers, owner: await Campaign.open(services, campaignId) };
}

const READS: Record<string, (of: Prepared) => Promise<unknown>> = {
  'a new owner': async ({ campaignId }) => (await Campaign.open(services, campaignId)).close(),
  me: (of) => of.owner.standingOf(randomDiner(of)),
  'a page of history': (of) =>
    listDraws(database, { userId: randomDiner(of), campaignId: undefined, page: 1, limit: 20 }),
};

function randomDiner({ firstId, diners }: Prepared): number {
  return firstId + Math.floor(Math.random() * diners);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let at = 0; at < 20; at++) {
    const startedMs = performance.now();
    await work();
    times.push(performance.now() - startedMs);
  }
  return median(times);
}

/** Rounds in turns, so that whatever else the machine does meets both kinds. */
async function compareDraws(of: Prepared): Promise<boolean> {
  // The one that was opened last owns it.
  const prepared = { ...of, owner: await Campaign.open(services, of.campaignId) };
  const alone: number[] = [];
  const along: number[] = [];
  let asked = 0;
  for (let round = 0; round < options.rounds; round++) {
    alone.push(await drawFor(prepared));
    const asking = new AbortController();
    const counted = askFor(prepared, asking.signal);
    along.push(await drawFor(prepared));
    asking.abort();
    asked += await counted;
  }
  await prepared.owner.close();
  const ratio = median(along) / median(alone);
  console.log(`a draw, alone: ${formatMs(median(alone))}, along ${asked} me: ${formatMs(median(along))} ms`);
  console.log(`ratio ${ratio.toFixed(2)}, at most ${MAX_SLOWER} is allowed`);
  return ratio <= MAX_SLOWER;
}

/** @returns the median time of a draw in ms. */
async function drawFor({ owner, drawers }: Prepared): Promise<number> {
  const untilMs = performance.now() + options.seconds * 1000;
  const times: number[] = [];
  await Promise.all(
    drawers.map(async (userId) => {
      while (performance.now() < untilMs) {
        const startedMs = performance.now();
        const requestId = `${userId}-${process.hrtime.bigint()}`;
        await owner.draw({ userId }, { request_id: requestId, draw_count: 1 });
        times.push(performance.now() - startedMs);
      }
    }),
  );
  return median(times);
}

/** @returns how many were answered. */
async function askFor(prepared: Prepared, stopping: AbortSignal): Promise<number> {
  const rate = options.rate;
  const startedMs = performance.now();
  const open = new Set<Promise<void>>();
  let asked = 0;
  while (!stopping.aborted) {
    while (asked < (rate * (performance.now() - startedMs)) / 1000 && open.size < rate) {
      asked += 1;
      const answer: Promise<void> = prepared.owner.standingOf(randomDiner(prepared)).then(() => {
        open.delete(answer);
      });
      open.add(answer);
    }
    await sleep(5);
  }
  await Promise.all(open);
  return asked;
}

process.exitCode = (await run()) ? 0 : 1;
await database.close();
await server?.stop();
