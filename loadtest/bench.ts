/**
 * `npm run bench`: one run, one table. On each database the same draws are measured four ways, always from another process:
 * through a bare echo room (what the framework can carry), through an ordinary service with one transaction per draw, over
 * REST and over the room; and what each of them costs. Afterwards the books of every database used must balance.
 */
import { freePort } from '../test/support/services.ts';
import { runAudit } from './audit.ts';
import { engineRate } from './bench/engine.ts';
import type { LoadJob, Round } from './bench/load.ts';
import { benchFolder } from './bench/benchFolder.ts';
import { onEachDatabase, type BenchedDatabase } from './bench/eachDatabase.ts';
import { machineFigures } from './bench/machine.ts';
import { findPoolSize } from './bench/poolSize.ts';
import { prepareDatabase, type PreparedDatabase } from './bench/prepare.ts';
import { runLoad, ServerProcess, Watchers } from './bench/processes.ts';
import { createSecrets, serverEnvironment } from './bench/settings.ts';
import { printSection, printUsage, ratioLines, type Row } from './bench/table.ts';
import { progress, say } from './bench/terminal.ts';
import { UsageMeter } from './bench/usage.ts';
import { databaseKind, readCommandLine, whole } from './commandLine.ts';
import { formatCount, median } from './figures.ts';
import { compareInHouses, HOUSE_OPTIONS, readLarge, type LargeHouse } from './scale/compareInHouses.ts';
import { ServedHouse } from './scale/servedHouse.ts';

const USAGE = `npm run bench -- [options]

  --seconds N             length of a round (5)
  --rounds N              rounds per row, of which the median by draws/s is shown (3)
  --only sqlite|mariadb   one database; by default SQLite, and MariaDB when mariadbd is on PATH
  --rest N                requests in flight over REST, one connection each (64)
  --room N                requests in flight over WebSocket, one diner each (200)
  --folder FOLDER         where the databases are made, on a disk (./data)

  --users N, --stored-draws N   in place of the table: the server in a house with so many (B) against one with 1,000 people and
                                10,000 stored draws (A), in turns; exit 1 where B makes less than 0.9 of A's draws
  --kept FOLDER                 where both are made once, to be found again, as those of \`npm run bench:scale\`
`;
const WARMUP_MS = 2000;
const JOINED = 1000;
const NEVER = 1_000_000_000;
const ONE_CONNECTION = { best: 1, line: 'connections of the baseline: one that writes, as SQLite has' };

const options = readCommandLine({
  usage: USAGE,
  known: {
    seconds: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string' },
    rest: { type: 'string', default: '64' },
    room: { type: 'string', default: '200' },
    folder: { type: 'string', default: './data' },
    ...HOUSE_OPTIONS,
  },
  read: ({ seconds, rounds, only, rest, room, folder, ...house }) => ({
    seconds: whole('seconds', seconds, { most: 300 }),
    rounds: whole('rounds', rounds, { most: 99 }),
    rest: whole('rest', rest, { most: JOINED }),
    room: whole('room', room, { most: JOINED - 1 }),
    only: only === undefined ? undefined : databaseKind('only', only),
    folder,
    large: readLarge(house),
  }),
});
const folder = benchFolder(options.folder);
const { large } = options;
process.exitCode = (await (large === undefined ? run() : compareHouses(large))) ? 0 : 1;

/** @returns whether a draw in the large house is not dearer than it may be. */
async function compareHouses(asked: LargeHouse): Promise<boolean> {
  say(machineFigures(folder));
  let holds = true;
  for (const kind of ['sqlite', 'mariadb'] as const) {
    if (options.only !== undefined && options.only !== kind) continue;
    const place = { kind, folder: asked.kept ?? folder };
    holds =
      (await compareInHouses({ ...options, ...place, large: asked }, (house) =>
        ServedHouse.byServer(house, options),
      )) && holds;
  }
  return holds;
}

/** @returns whether all books balance. */
async function run(): Promise<boolean> {
  say([
    ...machineFigures(folder),
    `${options.rounds} rounds of ${options.seconds} s after a warm-up, the median is shown`,
  ]);
  say(['', ...engineLines(), '']);
  const echo = await measureEcho();
  printSection('Ceiling: bare Colyseus room, stock SDK', echo);
  printUsage(echo, 'none');
  return onEachDatabase({ only: options.only, folder }, (database) => benchDatabase(echo, database));
}

function engineLines(): string[] {
  return [8, 1000].map(
    (prizes) => `engine with ${prizes} prizes, HMAC included: ${formatCount(engineRate(prizes))} draws/s`,
  );
}

async function measureEcho(): Promise<Row[]> {
  const server = await ServerProcess.start('loadtest/echoServer.ts', process.env, { isProbed: true });
  const diners = Array.from({ length: options.room }, (_, at) => ({ userId: at + 1, token: 'none' }));
  const target = { over: 'room' as const, server, campaignId: 1, diners };
  const rows = [await measure('a1', target, 1), await measure('a10', target, 10)];
  await server.stop();
  return rows;
}

async function benchDatabase(echo: Row[], { newUrl, pid }: BenchedDatabase): Promise<boolean> {
  const secrets = createSecrets();
  const common = { diners: JOINED, jwtSecret: secrets.JWT_SECRET };
  const ordinary = await prepareDatabase({
    ...common,
    url: await newUrl('baseline'),
    seedRotationDraws: NEVER,
  });
  const own = await prepareDatabase({ ...common, url: await newUrl('kaijiang'), seedRotationDraws: 100_000 });
  const baseline = await measureBaseline(ordinary, serverEnvironment(ordinary.url, secrets), pid);
  const server = await measureServer(own, serverEnvironment(own.url, secrets, await freePort()), pid);
  const rows = [...baseline.rows, ...server.rows];
  printSection(own.version, rows);
  printUsage(rows, pid === undefined ? 'in server' : '-');
  say([
    `flush at COMMIT: (b) ${ordinary.flush}, (c) and (d) ${own.flush}`,
    ...[...baseline.lines, ...server.lines],
    ...ratioLines([...echo, ...rows]),
  ]);
  const audits = [
    ['books of the baseline', await runAudit(serverEnvironment(ordinary.url, secrets))],
    ['books of the rooms', await runAudit(serverEnvironment(own.url, secrets))],
  ] as const;
  say([...audits.map(([name, audit]) => `${name}: ${audit.output}`), '']);
  return audits.every(([, audit]) => audit.balanced);
}

interface Measured {
  rows: Row[];
  lines: string[];
}

async function measureBaseline(
  { campaignId, diners }: PreparedDatabase,
  environment: NodeJS.ProcessEnv,
  databasePid?: number,
): Promise<Measured> {
  const start = (poolSize: number) =>
    ServerProcess.start('loadtest/baseline.ts', environment, {
      args: [String(campaignId), String(poolSize)],
      isProbed: true,
    });
  const target = { over: 'rest' as const, campaignId, diners: diners.slice(0, options.rest) };
  const isSqlite = databasePid === undefined;
  const { best, line } = isSqlite ? ONE_CONNECTION : await findPoolSize(start, target);
  const server = await start(best);
  const rows = [await measure('b', { ...target, server, databasePid }, 1)];
  await server.stop();
  return { rows, lines: [line] };
}

async function measureServer(
  { campaignId, diners }: PreparedDatabase,
  environment: NodeJS.ProcessEnv,
  databasePid?: number,
): Promise<Measured> {
  const server = await ServerProcess.start('src/index.ts', environment, { isProbed: true });
  const target = { server, databasePid, campaignId };
  const rest = { ...target, over: 'rest' as const, diners: diners.slice(0, options.rest) };
  const room = { ...target, over: 'room' as const, diners: diners.slice(0, options.room) };
  const rows = [
    await measure('c1', rest, 1),
    await measure('c10', rest, 10),
    await measure('d1', room, 1),
    await measure('d10', room, 10),
    await measure('d1000', { ...room, diners }, 1),
    await measure('lone', { ...room, diners: diners.slice(0, 1) }, 1),
  ];
  const watchers = new Watchers();
  await watchers.join({ url: server.url, campaignId, diners: diners.slice(options.room) });
  watchers.begin();
  rows.push(await measure('e', room, 1));
  const patches = await watchers.end();
  watchers.stop();
  await server.stop();
  const seen = `median ${median(patches).toFixed(1)}, least ${Math.min(...patches).toFixed(1)}`;
  return {
    rows,
    lines: [`patches per second seen by each of ${patches.length} watchers in (e): ${seen}`],
  };
}

type Target = Pick<LoadJob, 'over' | 'campaignId' | 'diners'> & {
  server: ServerProcess;
  databasePid?: number | undefined;
};

/** The median round, by draws per second; what all of its rounds have cost. */
async function measure(key: Row['key'], target: Target, drawCount: number): Promise<Row> {
  progress(`measuring ${key}`);
  const { seconds, rounds } = options;
  const { server, databasePid, ...load } = target;
  const meter = new UsageMeter(server, databasePid);
  const times = { warmupMs: WARMUP_MS, roundMs: seconds * 1000, rounds };
  const report = await runLoad({ ...load, ...times, url: server.url, drawCount }, () => meter.begin());
  const usage = await meter.end(report);
  const ordered = report.rounds.sort((a: Round, b: Round) => a.drawsPerSecond - b.drawsPerSecond);
  return { key, inFlight: load.diners.length, usage, ...ordered[ordered.length >>> 1]! };
}
