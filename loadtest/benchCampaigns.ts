/**
 * `npm run bench:campaigns`: one node that has a thousand running campaigns beside one that has a few, both on MariaDB or SQLite. What
 * an idle campaign takes of memory and of the processor, how long the start takes, and whether a draw is as quick. Exit 1 where it is
 * not, or an idle campaign takes more memory than it may.
 */
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startMariadb } from '../test/support/services.ts';
import { benchFolder } from './bench/benchFolder.ts';
import { machineFigures } from './bench/machine.ts';
import { prepareDatabase, type PreparedDatabase } from './bench/prepare.ts';
import { runLone, ServerProcess } from './bench/processes.ts';
import { createSecrets, MARIADB_SETTINGS, serverEnvironment } from './bench/settings.ts';
import { swept } from './bench/swept.ts';
import { progress, say } from './bench/terminal.ts';
import { databaseKind, readCommandLine, whole } from './commandLine.ts';
import { formatCount, median, yes } from './figures.ts';

const USAGE = `npm run bench:campaigns -- [options]

  --campaigns N           that run on the one node (1000)
  --few N                 on the other one (10)
  --idle N                seconds for which nobody does anything (30)
  --seconds N             length of a round of lone draws, at one node and the other in turns (3)
  --rounds N              (7)
  --database KIND         sqlite or mariadb (mariadb)
  --folder FOLDER         where the databases are made, on a disk (./data)
`;
/** Of objects and buffers. What the process takes besides is what the engine once needed while it opened them, and keeps. */
const MOST_KIB = 200;
/** Of a lone draw's p50, beside that with a few. */
const MOST_SLOWER = 1.1;
const MOST_START_MS = 30_000;

const options = readCommandLine({
  usage: USAGE,
  known: {
    campaigns: { type: 'string', default: '1000' },
    few: { type: 'string', default: '10' },
    idle: { type: 'string', default: '30' },
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '7' },
    database: { type: 'string', default: 'mariadb' },
    folder: { type: 'string', default: './data' },
  },
  read: (given) => ({
    few: whole('few', given.few, { most: 1000 }),
    campaigns: whole('campaigns', given.campaigns, { least: Number(given.few) + 1, most: 10_000 }),
    idle: whole('idle', given.idle, { most: 3600 }),
    seconds: whole('seconds', given.seconds, { most: 300 }),
    rounds: whole('rounds', given.rounds, { most: 99 }),
    database: databaseKind('database', given.database),
    folder: given.folder,
  }),
});
const folder = benchFolder(options.folder, 'bench-campaigns');
const mariadb = options.database === 'mariadb' ? await startMariadb(MARIADB_SETTINGS, folder) : undefined;
const secrets = createSecrets();
try {
  process.exitCode = (await run()) ? 0 : 1;
} finally {
  await mariadb?.stop();
}

interface Node {
  server: ServerProcess;
  prepared: PreparedDatabase;
  startedMs: number;
  rssBytes: number;
  heapBytes: number;
  bufferBytes: number;
  /** Cores, while nobody does anything. */
  idleCores: number;
}

/** @returns whether all holds. */
async function run(): Promise<boolean> {
  const few = await open('few', options.few);
  const many = await open('many', options.campaigns);
  say([...machineFigures(folder), many.prepared.version]);
  for (const [{ startedMs, rssBytes, heapBytes, idleCores }, count] of [
    [few, options.few],
    [many, options.campaigns],
  ] as const)
    say([
      `${formatCount(count)} campaigns: all open ${(startedMs / 1000).toFixed(1)} s after the start of the process; ` +
        `${Math.round(rssBytes / 2 ** 20)} MiB, ${Math.round(heapBytes / 2 ** 20)} MiB of it objects; ${idleCores.toFixed(3)} cores when idle`,
    ]);
  const further = options.campaigns - options.few;
  const kib = (figure: 'rssBytes' | 'heapBytes' | 'bufferBytes') =>
    (many[figure] - few[figure]) / further / 1024;
  const needed = kib('heapBytes') + kib('bufferBytes');
  const isSmall = needed <= MOST_KIB;
  const isSoon = many.startedMs <= MOST_START_MS;
  progress('lone draws');
  const rounds = await runLone({
    // Both have the same first campaign and the same first diner.
    ...{ urls: [few.server.url, many.server.url], campaignId: few.prepared.campaignId },
    ...{ diner: few.prepared.diners[0]!, warmupMs: 1500 },
    ...{ roundMs: options.seconds * 1000, rounds: options.rounds },
  });
  const slower = median(rounds.map(([one, other]) => other!.p50Ms / one!.p50Ms));
  const isQuick = slower <= MOST_SLOWER;
  const p50 = (at: number) => median(rounds.map((round) => round[at]!.p50Ms)).toFixed(2);
  say([
    `an idle campaign: ${kib('heapBytes').toFixed(0)} KiB of objects and ${kib('bufferBytes').toFixed(0)} KiB of buffers, ${needed.toFixed(0)} KiB together; ` +
      `at most ${MOST_KIB}: ${yes(isSmall)}; the process has grown by ${kib('rssBytes').toFixed(0)} KiB for each`,
    `opening each: ${((many.startedMs - few.startedMs) / further).toFixed(1)} ms; all within ${MOST_START_MS / 1000} s: ${yes(isSoon)}`,
    `a lone draw over REST: p50 ${p50(0)} ms beside a few, ${p50(1)} ms beside all, ${slower.toFixed(3)} times in turns; at most ${MOST_SLOWER}: ${yes(isQuick)}`,
  ]);
  await few.server.stop();
  await many.server.stop();
  return isSmall && isSoon && isQuick;
}

async function open(name: string, campaigns: number): Promise<Node> {
  progress(`making ${campaigns} campaigns`);
  const url = mariadb?.url(await mariadb.createDatabase()) ?? `sqlite:${resolve(folder, `${name}.db`)}`;
  const prepared = await prepareDatabase({
    ...{ url, diners: 1, campaigns, jwtSecret: secrets.JWT_SECRET, seedRotationDraws: 1_000_000 },
  });
  const environment = serverEnvironment(url, secrets);
  // Their first owner publishes each of them, which a start does not do every time.
  await (await ServerProcess.start('src/index.ts', environment)).stop();
  progress(`starting the node of ${campaigns}`);
  const beganMs = performance.now();
  const server = await ServerProcess.start('src/index.ts', environment, { isProbed: true });
  // It tells its address once its campaigns are open.
  const startedMs = performance.now() - beganMs;
  await swept(() => server.ask('sweep'));
  await server.ask('begin');
  await sleep(options.idle * 1000);
  const { cpuMs } = await server.ask('end');
  const { memory } = await swept(() => server.ask('sweep'));
  return { server, prepared, startedMs, ...memory, idleCores: cpuMs / (options.idle * 1000) };
}
