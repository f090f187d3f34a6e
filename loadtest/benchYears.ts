/**
 * `npm run bench:years`: what a draw, and all that belongs to it, takes of the disk for as long as it is kept, and what of it is given
 * back when its campaign is archived; what archiving takes of a lone draw of another campaign beside it (without it, with it, and
 * without it again); and that the books balance afterwards. Exit 1 where they do not.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { audit } from '../src/books/audit.ts';
import { Campaign, type CampaignServices } from '../src/lottery/campaign.ts';
import { Calendar } from '../src/lottery/statistics/calendar.ts';
import { CountedDraws } from '../src/lottery/statistics/countedDraws.ts';
import { foldAll } from '../src/lottery/statistics/fold.ts';
import { systemClock } from '../src/platform/clock.ts';
import { openDataSources } from '../src/platform/database/dataSource.ts';
import { Database } from '../src/platform/database/transaction.ts';
import { createLogger } from '../src/platform/logger.ts';
import { createCampaign, createUsers } from '../test/support/factories.ts';
import { benchFolder } from './bench/benchFolder.ts';
import { onEachDatabase } from './bench/eachDatabase.ts';
import { progress, say } from './bench/terminal.ts';
import { databaseKind, readCommandLine, whole } from './commandLine.ts';
import { formatCount, formatMs, latencyHistogram, percentileMs } from './figures.ts';
import { indexSizes, shrink, tableSizes, type TableSize } from './years/tableSizes.ts';

const USAGE = `npm run bench:years -- [options]

  --database sqlite|mariadb   on which database (both)
  --draws N                   real ones, each with its request, its row of the ledger and its event (1000000)
  --diners N                  who draw them (10000)
  --seconds N                 length of a round of lone draws (10)
  --folder FOLDER             where the databases are made, on a disk (./data)
`;
const options = readCommandLine({
  usage: USAGE,
  known: {
    database: { type: 'string' },
    draws: { type: 'string', default: '1000000' },
    diners: { type: 'string', default: '10000' },
    seconds: { type: 'string', default: '10' },
    folder: { type: 'string', default: './data' },
  },
  read: ({ database, draws, diners, seconds, folder }) => ({
    database: database === undefined ? undefined : databaseKind('database', database),
    draws: whole('draws', draws, { least: 1000, most: 9_999_999 }),
    diners: whole('diners', diners, { least: 2, most: 1_000_000 }),
    seconds: whole('seconds', seconds, { most: 300 }),
    folder,
  }),
});

const SEED_KEY = Buffer.alloc(32, 7);
const DAY_MS = 86_400_000;
/** Since the campaign has ended. */
const AGO_DAYS = 400;
const IN_FLIGHT = 500;
const PACKED = ['lottery_draws', 'lottery_draw_requests', 'lottery_draw_packs', 'lottery_packed_diners'];
const TABLES = [
  ...PACKED,
  'lottery_fairness_entries',
  'lottery_user_counters',
  'points_transactions',
  'points_lots',
  'points_lot_uses',
  'user_inventories',
  'business_events',
];

const folder = benchFolder(options.folder, 'bench-years');

async function bench(url: string): Promise<boolean> {
  const database = new Database(await openDataSources({ url, replicaUrls: [], poolSize: 4 }));
  try {
    const { running, dinerId } = await fill(database);
    sayHead(
      `${database.dialect}: ${formatCount(options.draws)} draws of ${formatCount(options.diners)} diners`,
    );
    const before = await tableSizes(database, TABLES);
    saySizes(before);
    for (const table of ['lottery_draws', 'points_transactions']) await sayIndices(database, table);
    await sayBeside(url, running, dinerId);
    const took = await archiveAll(url);
    const after = await tableSizes(database, PACKED);
    await shrink(database, PACKED);
    const shrunk = await tableSizes(database, PACKED);
    sayFreed(before, after, shrunk, took);
    await running.close();
    return await sayAudit(url);
  } finally {
    await database.close();
  }
}

/** A campaign that has ended long ago, with as many draws, and one that goes on. */
async function fill(database: Database): Promise<{ running: Campaign; dinerId: number }> {
  const services: CampaignServices = {
    database,
    clock: { ...systemClock, nowMs: () => Date.now() - AGO_DAYS * DAY_MS },
    logger: createLogger('error'),
    seedKey: SEED_KEY,
    businessTimezone: 'Asia/Shanghai',
    drawRatePerSecond: 1_000_000,
  };
  const userIds = await createUsers(database, options.diners, { points: 1_000_000_00 });
  const prizes = [
    {
      prize_type: 'coupon' as const,
      prize_value: 5_00,
      total_quantity: 9_999_999,
      win_probability: 5_000_000,
    },
    {
      prize_type: 'points' as const,
      prize_value: 2_00,
      total_quantity: 9_999_999,
      win_probability: 10_000_000,
    },
  ];
  const create = async (startDaysAgo: number) => {
    const start_time = new Date(Date.now() - startDaysAgo * DAY_MS);
    const campaign = { cost_per_draw: 1_00, seed_rotation_draws: 100_000, start_time };
    return (await createCampaign(database, { campaign, prizes })).campaignId;
  };
  const over = await Campaign.open(services, await create(AGO_DAYS + 1));
  let next = 0;
  const guests = Array.from({ length: IN_FLIGHT }, async () => {
    for (let at = next++; at < options.draws; at = next++) {
      if (at % 10_000 === 0) progress(`${formatCount(at)} draws`);
      const request = { request_id: requestIdOf(at), draw_count: 1 };
      await over.draw({ userId: userIds[at % userIds.length]! }, request);
    }
  });
  await Promise.all(guests);
  await over.setStatus('ended');
  await over.close();
  progress('counting');
  const calendar = new Calendar('Asia/Shanghai');
  await foldAll({ database, clock: systemClock, calendar, counted: new CountedDraws(database) });
  const running = await Campaign.open({ ...services, clock: systemClock }, await create(1));
  return { running, dinerId: userIds[0]! };
}

/** As long, and as different, as those that clients make. */
function requestIdOf(at: number): string {
  const [a, b] = [Math.imul(at + 1, 0x9e3779b1) >>> 0, Math.imul(at + 7, 0x85ebca6b) >>> 0];
  return [a, b, a ^ 0x5bd1e995, b ^ 0x27d4eb2f]
    .map((part) => (part >>> 0).toString(16).padStart(8, '0'))
    .join('');
}

function sayHead(text: string): void {
  say([
    '',
    text,
    `${'table'.padEnd(26)}${'rows'.padStart(12)}${'MB'.padStart(9)}${'bytes a row'.padStart(13)}`,
  ]);
}

function saySizes(sizes: ReadonlyMap<string, TableSize>): void {
  for (const [table, { rows, bytes }] of sizes) {
    if (rows === 0) continue;
    const each = Math.round(bytes / rows);
    say([
      `${table.padEnd(26)}${formatCount(rows).padStart(12)}${megabytes(bytes).padStart(9)}${String(each).padStart(13)}`,
    ]);
  }
}

async function sayIndices(database: Database, table: string): Promise<void> {
  const sizes = await indexSizes(database, table);
  say([`${table}: ${sizes.map(({ name, bytes }) => `${name} ${megabytes(Number(bytes))} MB`).join(', ')}`]);
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

const sumOf = (sizes: ReadonlyMap<string, TableSize>) =>
  PACKED.reduce((sum, table) => sum + (sizes.get(table)?.bytes ?? 0), 0);

function sayFreed(
  before: ReadonlyMap<string, TableSize>,
  after: ReadonlyMap<string, TableSize>,
  shrunk: ReadonlyMap<string, TableSize>,
  tookMs: number,
): void {
  const rate = formatCount((options.draws * 1000) / tookMs);
  const [was, is] = [sumOf(before), sumOf(shrunk)];
  say([
    `packed in ${formatCount(tookMs / 1000)} s (${rate} draws/s): ${megabytes(was)} MB, ${megabytes(sumOf(after))} MB when packed, ` +
      `${megabytes(is)} MB when shrunk (${((100 * is) / was).toFixed(0)} %)`,
  ]);
  saySizes(shrunk);
}

/** A lone draw of the other campaign: without archiving, with it, without it. */
async function sayBeside(url: string, running: Campaign, dinerId: number): Promise<void> {
  const without = await loneDraws(running, dinerId);
  const child = archiver(url, 50);
  await firstPack(url);
  const beside = await loneDraws(running, dinerId);
  child.kill('SIGTERM');
  await once(child, 'exit');
  const again = await loneDraws(running, dinerId);
  say([
    `lone draw, p50 / p99 in ms: ${without} without archiving, ${beside} beside it, ${again} without it again`,
  ]);
}

let lone = 0;

async function loneDraws(campaign: Campaign, userId: number): Promise<string> {
  const latency = latencyHistogram();
  for (const endMs = performance.now() + options.seconds * 1000; performance.now() < endMs;) {
    const beganMs = performance.now();
    await campaign.draw({ userId }, { request_id: `lone-${++lone}`, draw_count: 1 });
    latency.recordValue(Math.max(1, Math.round((performance.now() - beganMs) * 1000)));
  }
  return `${percentileMs(latency, 50).toFixed(2)} / ${formatMs(percentileMs(latency, 99))}`;
}

function archiver(url: string, pauseMs: number): ChildProcess {
  const day = new Date(Date.now() - 300 * DAY_MS).toISOString().slice(0, 10);
  const parameters = ['src/cli/archive.ts', '--before', day, '--pause', String(pauseMs)];
  return spawn(process.execPath, ['--import', 'tsx', ...parameters], {
    env: { ...process.env, DATABASE_URL: url },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

async function firstPack(url: string): Promise<void> {
  const database = new Database(await openDataSources({ url, replicaUrls: [], poolSize: 2 }));
  try {
    for (;;) {
      const rows = await database.readCurrent('SELECT 1 AS found FROM lottery_draw_packs LIMIT 1');
      if (rows.length > 0) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  } finally {
    await database.close();
  }
}

async function archiveAll(url: string): Promise<number> {
  progress('packing');
  const beganMs = performance.now();
  const [code] = (await once(archiver(url, 0), 'exit')) as [number];
  if (code !== 0) throw new Error('it could not be archived');
  return performance.now() - beganMs;
}

async function sayAudit(url: string): Promise<boolean> {
  const beganMs = performance.now();
  const lines: string[] = [];
  const code = await audit({ databaseUrl: url, seedKey: SEED_KEY }, (line) => lines.push(line));
  say([...lines, `audited in ${formatCount((performance.now() - beganMs) / 1000)} s`]);
  return code === 0;
}

// The pauses of those who count do not keep a process.
const alive = setInterval(() => undefined, 60_000);
const holds = await onEachDatabase(
  { only: options.database, folder, mariadbFolder: folder },
  async ({ newUrl }) => bench(await newUrl('years')),
);
clearInterval(alive);
process.exitCode = holds ? 0 : 1;
