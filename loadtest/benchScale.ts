/**
 * `npm run bench:scale`: whether a draw costs the same in a large house. Campaigns with many diners, many stored draws and many
 * prizes against a small one, each in a database of its own, all owned by this process; their rounds take turns, so that whatever
 * the machine does meets all alike. Also what it takes to open each. Exit 1 where a draw costs more than its bound.
 */
import { join } from 'node:path';
import { Campaign, type CampaignServices } from '../src/lottery/campaign.ts';
import { systemClock } from '../src/platform/clock.ts';
import { openDataSources } from '../src/platform/database/dataSource.ts';
import { Database } from '../src/platform/database/transaction.ts';
import { createLogger } from '../src/platform/logger.ts';
import { createCampaign } from '../test/support/factories.ts';
import { analyse, writeManyRows } from '../test/support/manyRows.ts';
import { startMariadb } from '../test/support/services.ts';
import { benchFolder } from './bench/benchFolder.ts';
import { MARIADB_SETTINGS } from './bench/settings.ts';
import { progress, say } from './bench/terminal.ts';
import { databaseKind, readCommandLine, whole } from './commandLine.ts';
import { formatCount, formatMs, median } from './figures.ts';

const USAGE = `npm run bench:scale -- [options]

  --database sqlite|mariadb   on which database (mariadb)
  --diners N                  of the house with many (1000000)
  --draws N                   stored ones of the campaign with many, each with its request and its movement of points (9999999)
  --prizes N                  of the campaign with many (1000)
  --seconds N                 length of a round (3)
  --rounds N                  of each house (7)
  --folder FOLDER             where the databases are made, on a disk (./data)
`;
const SMALL_DINERS = 1000;
const options = readCommandLine({
  usage: USAGE,
  known: {
    database: { type: 'string', default: 'mariadb' },
    diners: { type: 'string', default: '1000000' },
    draws: { type: 'string', default: '9999999' },
    prizes: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '7' },
    folder: { type: 'string', default: './data' },
  },
  read: ({ database, diners, draws, prizes, seconds, rounds, folder }) => ({
    database: databaseKind('database', database),
    diners: whole('diners', diners, { least: SMALL_DINERS, most: 9_999_999 }),
    draws: whole('draws', draws, { most: 9_999_999 }),
    prizes: whole('prizes', prizes, { most: 1000 }),
    seconds: whole('seconds', seconds, { most: 300 }),
    rounds: whole('rounds', rounds, { most: 99 }),
    folder,
  }),
});
const SMALL = { diners: SMALL_DINERS, draws: 0, prizes: 8 };
const HOUSES: Record<string, typeof SMALL> = {
  small: SMALL,
  'many diners': { ...SMALL, diners: options.diners },
  'many draws': { ...SMALL, draws: options.draws },
  'many prizes': { ...SMALL, prizes: options.prizes },
};
const IN_FLIGHT = 200;
const MAX_DEARER = 1.1;
const TABLES = [
  'users',
  'user_points_accounts',
  'lottery_user_counters',
  'lottery_draws',
  'lottery_draw_requests',
];

const folder = benchFolder(options.folder, 'bench-scale');
const server = options.database === 'mariadb' ? await startMariadb(MARIADB_SETTINGS, folder) : undefined;

interface House {
  name: string;
  database: Database;
  campaign: Campaign;
  /** The first of its diners; the others follow without a gap. */
  firstId: number;
  diners: number;
  openedMs: number;
  /** Draws per second. */
  rates: number[];
}

async function run(): Promise<boolean> {
  const houses: House[] = [];
  for (const [name, size] of Object.entries(HOUSES)) {
    progress(`filling: ${name}`);
    houses.push(await open(name, size));
  }
  for (let round = -1; round < options.rounds; round++) {
    progress(`round ${round + 1} of ${options.rounds}`);
    // Each house follows another one as often as it goes before it. The first round is for caches alone.
    for (const house of round % 2 === 0 ? houses : houses.toReversed()) {
      const rate = await drawFor(house);
      if (round >= 0) house.rates.push(rate);
    }
  }
  say([
    `${options.database}, ${IN_FLIGHT} in flight, 1 draw per request, no sockets; ${options.rounds} rounds of ${options.seconds} s, medians`,
  ]);
  const small = houses[0]!;
  let isBounded = true;
  for (const { name, rates, openedMs, campaign, database } of houses) {
    const dearer = median(small.rates.map((rate, at) => rate / rates[at]!));
    isBounded &&= dearer <= MAX_DEARER;
    say([
      `${name.padEnd(12)} ${formatCount(median(rates)).padStart(7)} draws/s, a draw costs ${dearer.toFixed(3)} of the small house's; opened in ${formatMs(openedMs)} ms`,
    ]);
    await campaign.close();
    await database.close();
  }
  return isBounded;
}

async function open(name: string, size: typeof SMALL): Promise<House> {
  const url = server?.url(await server.createDatabase()) ?? `sqlite:${join(folder, `${name}.db`)}`;
  const database = new Database(await openDataSources({ url, replicaUrls: [], poolSize: 4 }));
  const services: CampaignServices = {
    database,
    clock: systemClock,
    logger: createLogger('error'),
    seedKey: Buffer.alloc(32, 7),
    businessTimezone: 'Asia/Shanghai',
    drawRatePerSecond: 1_000_000,
  };
  const { campaignId, prizeIds } = await createCampaign(database, {
    campaign: { cost_per_draw: 1, seed_rotation_draws: 1_000_000 },
    prizes: Array.from({ length: size.prizes }, () => ({
      prize_type: 'coupon' as const,
      prize_value: 5_00,
      total_quantity: 1_000_000,
      win_probability: Math.floor(50_000_000 / size.prizes),
    })),
  });
  await (await Campaign.open(services, campaignId)).close();
  const { diners, draws } = size;
  const winPrizeId = prizeIds[0]!;
  const rows = { campaignId, diners, draws, movements: draws, hasRequests: true, winEvery: 10, winPrizeId };
  const firstId = await writeManyRows(database, rows);
  await analyse(database, TABLES);
  const startedMs = performance.now();
  const campaign = await Campaign.open(services, campaignId);
  const openedMs = performance.now() - startedMs;
  return { name, database, campaign, firstId, diners, openedMs, rates: [] };
}

/** @returns draws per second, by as many diners in each house as the small one has: all over a large one. */
async function drawFor({ campaign, firstId, diners }: House): Promise<number> {
  const every = diners / SMALL_DINERS;
  const startedMs = performance.now();
  const untilMs = startedMs + options.seconds * 1000;
  let draws = 0;
  const guests = Array.from({ length: IN_FLIGHT }, async () => {
    while (performance.now() < untilMs) {
      const userId = firstId + Math.floor(Math.floor(Math.random() * SMALL_DINERS) * every);
      await campaign.draw({ userId }, { request_id: `s${process.hrtime.bigint()}-${draws}`, draw_count: 1 });
      draws += 1;
    }
  });
  await Promise.all(guests);
  return (draws * 1000) / (performance.now() - startedMs);
}

try {
  process.exitCode = (await run()) ? 0 : 1;
} finally {
  await server?.stop();
}
