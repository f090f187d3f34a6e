/**
 * `npm run bench:scale`: whether a draw costs the same in a large house. Houses of every number of people with every number of stored
 * draws, and of more prizes, against the smallest of them, all owned by this process. Each round of a large house is between two of the
 * small one, so that whatever the machine does meets both alike, and each begins where another house was before. Also what it takes to open a campaign of each on a cold database. Exit 1 beyond a bound.
 */
import { Campaign } from '../src/lottery/campaign.ts';
import { openDataSources } from '../src/platform/database/dataSource.ts';
import { Database } from '../src/platform/database/transaction.ts';
import { benchFolder } from './bench/benchFolder.ts';
import { machineFigures } from './bench/machine.ts';
import { progress, say } from './bench/terminal.ts';
import { cpuMsOf } from './bench/usage.ts';
import { databaseKind, readCommandLine, whole, wholes } from './commandLine.ts';
import { formatCount, formatMs, median } from './figures.ts';
import { campaignServices, Houses, LEAST_USERS, MOST, peopleOf, type House } from './scale/houses.ts';

const USAGE = `npm run bench:scale -- [options]

  --database sqlite|mariadb   on which database (mariadb)
  --users N,N,…               people of a house; the first is the small house's (1000,100000,1000000)
  --stored-draws N,N,…        each with its request and its movement of points (10000,10000000)
  --prizes N,N,…              of a campaign (8,100,1000)
  --seconds N                 length of a round (2)
  --rounds N                  of each house (7)
  --folder FOLDER             where the databases are made, on a disk (./data)
  --kept FOLDER               where they are made once, to be found again; beside \`npm run bench\` and \`bench:cluster\`
`;
const options = readCommandLine({
  usage: USAGE,
  known: {
    database: { type: 'string', default: 'mariadb' },
    users: { type: 'string', default: '1000,100000,1000000' },
    'stored-draws': { type: 'string', default: '10000,10000000' },
    prizes: { type: 'string', default: '8,100,1000' },
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '7' },
    folder: { type: 'string', default: './data' },
    kept: { type: 'string' },
  },
  read: (given) => ({
    database: databaseKind('database', given.database),
    users: wholes('users', given.users, { least: LEAST_USERS, most: MOST.users }),
    storedDraws: wholes('stored-draws', given['stored-draws'], { most: MOST.storedDraws }),
    prizes: wholes('prizes', given.prizes, { most: MOST.prizes }),
    seconds: whole('seconds', given.seconds, { most: 300 }),
    rounds: whole('rounds', given.rounds, { most: 99 }),
    folder: given.folder,
    kept: given.kept,
  }),
});
const IN_FLIGHT = 200;
const MAX_DEARER = 1.1;
const MOST_OPENING_MS = 1000;
/** Not measured: another house has had the caches since its last round. */
const WARM_UP_MS = 500;

interface Measured {
  house: House;
  database: Database;
  campaign: Campaign;
  userIds: readonly number[];
  openedMs: number;
  /** Draws per second. */
  rates: number[];
  /** Of a draw, in draws of the small house just before and just after: of its time, and of the CPU of this process and the database. */
  costs: number[];
  cpuCosts: number[];
}

interface Round {
  drawsPerSecond: number;
  cpuPerDraw: number;
}

/** @returns whether all is within its bounds. */
async function run(houses: Houses): Promise<boolean> {
  const measured: Measured[] = [];
  for (const house of houses.all) measured.push(await open(house));
  const [small, ...large] = measured as [Measured, ...Measured[]];
  await drawFor(small, options.seconds * 1000);
  for (const one of large) await drawFor(one, options.seconds * 1000);
  let before = await measure(small);
  for (let round = 0; round < options.rounds; round++) {
    progress(`round ${round + 1} of ${options.rounds}`);
    for (const one of round % 2 === 0 ? large : large.toReversed()) {
      const round = await measure(one);
      const after = await measure(small);
      one.costs.push((before.drawsPerSecond + after.drawsPerSecond) / 2 / round.drawsPerSecond);
      one.cpuCosts.push(round.cpuPerDraw / ((before.cpuPerDraw + after.cpuPerDraw) / 2));
      before = after;
    }
  }
  const isBounded = measured.map(sayFigures);
  for (const { campaign, database } of measured) {
    await campaign.close();
    await database.close();
  }
  return isBounded.every(Boolean);
}

function sayFigures({ house, rates, costs, cpuCosts, openedMs }: Measured): boolean {
  const { users, storedDraws, prizes } = house;
  const isSmall = costs.length === 0;
  const dearer = isSmall ? 1 : median(costs);
  const range = isSmall ? '' : `${Math.min(...costs).toFixed(2)} – ${Math.max(...costs).toFixed(2)}`;
  const cpu = isSmall ? '' : median(cpuCosts).toFixed(3);
  const isWithin = dearer <= MAX_DEARER && openedMs <= MOST_OPENING_MS;
  say([
    `${[users, storedDraws, prizes].map((count) => formatCount(count).padStart(11)).join('')}` +
      `${formatCount(median(rates)).padStart(9)}${dearer.toFixed(3).padStart(8)}${range.padStart(14)}${cpu.padStart(8)}${formatMs(openedMs).padStart(11)}` +
      (isWithin ? '' : '  MISSED'),
  ]);
  return isWithin;
}

async function open(house: House): Promise<Measured> {
  const database = new Database(await openDataSources({ url: house.url, replicaUrls: [], poolSize: 4 }));
  const startedMs = performance.now();
  const campaign = await Campaign.open(campaignServices(database), house.campaignIds[0]!);
  const openedMs = performance.now() - startedMs;
  return {
    house,
    database,
    campaign,
    userIds: peopleOf(house, LEAST_USERS),
    openedMs,
    rates: [],
    costs: [],
    cpuCosts: [],
  };
}

async function measure(one: Measured): Promise<Round> {
  await drawFor(one, WARM_UP_MS);
  const before = cpuMs();
  const { draws, seconds } = await drawFor(one, options.seconds * 1000);
  const round = { drawsPerSecond: draws / seconds, cpuPerDraw: (cpuMs() - before) / draws };
  one.rates.push(round.drawsPerSecond);
  return round;
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  const { databasePid } = houses;
  return (user + system) / 1000 + (databasePid === undefined ? 0 : (cpuMsOf(databasePid) ?? NaN));
}

async function drawFor(
  { campaign, userIds }: Measured,
  durationMs: number,
): Promise<{ draws: number; seconds: number }> {
  const startedMs = performance.now();
  const untilMs = startedMs + durationMs;
  let draws = 0;
  const guests = Array.from({ length: IN_FLIGHT }, async () => {
    while (performance.now() < untilMs) {
      const userId = userIds[Math.floor(Math.random() * userIds.length)]!;
      await campaign.draw({ userId }, { request_id: `s${process.hrtime.bigint()}-${draws}`, draw_count: 1 });
      draws += 1;
    }
  });
  await Promise.all(guests);
  return { draws, seconds: (performance.now() - startedMs) / 1000 };
}

const temporary = benchFolder(options.folder, 'bench-scale');
const { database: kind, users, storedDraws, prizes } = options;
say([
  ...machineFigures(temporary),
  `${kind}, ${IN_FLIGHT} in flight, 1 draw per request, no sockets; ${options.rounds} rounds of ${options.seconds} s in turns, medians`,
]);
const houses = await Houses.open({
  ...{ kind, folder: options.kept ?? temporary },
  sizes: [
    ...storedDraws.flatMap((draws) =>
      users.map((people) => ({ users: people, storedDraws: draws, prizes: prizes[0]! })),
    ),
    ...prizes.slice(1).map((count) => ({ users: users[0]!, storedDraws: storedDraws[0]!, prizes: count })),
  ],
});
try {
  say([
    `     people     stored     prizes  draws/s    cost    from – to     cpu  opened ms   (cost: of the first house's draw, at most ${MAX_DEARER}; opened: at most ${formatCount(MOST_OPENING_MS)} ms)`,
  ]);
  process.exitCode = (await run(houses)) ? 0 : 1;
} finally {
  await houses.close();
}
