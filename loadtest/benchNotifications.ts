/**
 * `npm run bench:notifications`: what it costs one node that thousands of people sit in their notification rooms, and that all of them
 * are told something. They sit in processes of their own. Exit 1 where somebody is not told, or told twice, or an idle person takes
 * more memory than they may.
 */
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AccessTokens } from '../src/identity/session/tokens.ts';
import { systemClock } from '../src/platform/clock.ts';
import { openDataSources } from '../src/platform/database/dataSource.ts';
import { Database } from '../src/platform/database/transaction.ts';
import { createUser } from '../test/support/factories.ts';
import { startMariadb } from '../test/support/services.ts';
import { benchFolder } from './bench/benchFolder.ts';
import { machineFigures } from './bench/machine.ts';
import { prepareDatabase } from './bench/prepare.ts';
import { ServerProcess, Worker } from './bench/processes.ts';
import { createSecrets, MARIADB_SETTINGS, serverEnvironment } from './bench/settings.ts';
import { progress, say } from './bench/terminal.ts';
import { databaseKind, readCommandLine, whole } from './commandLine.ts';
import { formatCount, yes } from './figures.ts';
import { HttpClient } from './http.ts';
import type { DevicesCommand, Heard } from './notifications/devices.ts';

const USAGE = `npm run bench:notifications -- [options]

  --people N              on line, with a notification room each (10000)
  --later N               who come when they have been told (1000)
  --idle N                seconds for which the node is watched while nothing happens (30)
  --database KIND         sqlite or mariadb (mariadb)
  --folder FOLDER         where the database is made, on a disk (./data)
`;
/** Of a person on line, with the connection. */
const MOST_BYTES = 60 * 1024;
/** Of one core, while nothing happens. */
const MOST_IDLE_CORES = 0.25;
/** Without anybody being told anything more. */
const PATIENCE_MS = 20_000;
const PROCESSES = 2;
/** Who sit down before memory is looked at. */
const FIRST = 500;

const { people, later, idle, database, ...options } = readCommandLine({
  usage: USAGE,
  known: {
    people: { type: 'string', default: '10000' },
    later: { type: 'string', default: '1000' },
    idle: { type: 'string', default: '30' },
    database: { type: 'string', default: 'mariadb' },
    folder: { type: 'string', default: './data' },
  },
  read: (given) => ({
    people: whole('people', given.people, { least: 2, most: 15_000 }),
    later: whole('later', given.later, { most: 4000 }),
    idle: whole('idle', given.idle, { most: 3600 }),
    database: databaseKind('database', given.database),
    folder: given.folder,
  }),
});
const folder = benchFolder(options.folder, 'bench-notifications');
const mariadb = database === 'mariadb' ? await startMariadb(MARIADB_SETTINGS, folder) : undefined;
try {
  const url = mariadb?.url(await mariadb.createDatabase()) ?? `sqlite:${resolve(folder, 'people.db')}`;
  process.exitCode = (await run(url)) ? 0 : 1;
} finally {
  await mariadb?.stop();
}

/** @returns whether all holds. */
async function run(url: string): Promise<boolean> {
  const secrets = createSecrets();
  progress('making people');
  const prepared = await prepareDatabase({
    ...{ url, diners: people + later, jwtSecret: secrets.JWT_SECRET, seedRotationDraws: 1_000_000 },
  });
  const adminToken = await administrator(url, secrets.JWT_SECRET);
  const here = prepared.diners.slice(0, people);
  const absent = prepared.diners.slice(people);
  const first = Math.min(FIRST, people >>> 1);
  const server = await ServerProcess.start('src/index.ts', serverEnvironment(url, secrets), {
    isProbed: true,
  });
  say([...machineFigures(folder), prepared.version]);

  await sleep(1000);
  const crowds: Devices[] = Array.from(
    { length: PROCESSES },
    () => new Worker('loadtest/notifications/devices.ts'),
  );
  const each = Math.ceil((people - first) / PROCESSES);
  // The node's own code and caches are not what a person takes.
  await crowds[0]!.ask({ join: here.slice(0, first), url: server.url });
  const empty = (await server.ask('sweep')).memory;
  const joinedMs = await timed(async () => {
    await Promise.all(
      crowds.map((devices, at) =>
        devices.ask({ join: here.slice(first + at * each, first + (at + 1) * each), url: server.url }),
      ),
    );
  });
  progress('they sit');
  await sleep(3000);
  await server.ask('sweep');
  await server.ask('begin');
  await sleep(idle * 1000);
  const idleCores = (await server.ask('end')).cpuMs / (idle * 1000);
  // What a burst of joins has left is given back by and by.
  const full = (await server.ask('sweep')).memory;
  const bytes = {
    rss: (full.rssBytes - empty.rssBytes) / (people - first),
    heap: (full.heapBytes - empty.heapBytes) / (people - first),
  };
  const isSmall = bytes.rss <= MOST_BYTES;
  const isQuiet = idleCores <= MOST_IDLE_CORES;
  say([
    `${formatCount(people)} people sat down within ${(joinedMs / 1000).toFixed(1)} s; the node holds ${megabytes(full.rssBytes)}, ${megabytes(empty.rssBytes)} with the first ${first}`,
    `an idle person: ${kilobytes(bytes.rss)} of memory, ${kilobytes(bytes.heap)} of it objects; at most ${kilobytes(MOST_BYTES)}: ${yes(isSmall)}`,
    `the idle node: ${idleCores.toFixed(3)} cores over ${idle} s; at most ${MOST_IDLE_CORES}: ${yes(isQuiet)}`,
  ]);

  progress('telling everybody');
  const startedMs = Date.now();
  await server.ask('begin');
  await announce(server.url, adminToken);
  const told = await Promise.all(
    crowds.map((devices) => devices.ask({ heard: true, patienceMs: PATIENCE_MS })),
  );
  const { cpuMs } = await server.ask('end');
  const lastMs = Math.max(...told.map((one) => one.lastMs));
  const late: Devices = new Worker('loadtest/notifications/devices.ts');
  await late.ask({ join: absent, url: server.url });
  const lateTold = await late.ask({ heard: true, patienceMs: PATIENCE_MS });
  for (const devices of [...crowds, late]) devices.stop();
  await server.stop();
  const sum = (of: readonly Heard[], key: 'missing' | 'doubled') =>
    of.reduce((all, one) => all + one[key], 0);
  const all = [...told, lateTold];
  const isTold = sum(all, 'missing') + sum(all, 'doubled') === 0;
  say([
    `all ${formatCount(people)} were told within ${((lastMs - startedMs) / 1000).toFixed(1)} s, ${((cpuMs * 1000) / people).toFixed(0)} µs of the node for each`,
    `on line: ${sum(told, 'missing')} missing, ${sum(told, 'doubled')} doubled; ${formatCount(later)} who came later: ${lateTold.missing} missing, ${lateTold.doubled} doubled: each once: ${yes(isTold)}`,
  ]);
  return isSmall && isQuiet && isTold;
}

type Devices = Worker<DevicesCommand, Heard>;

async function administrator(url: string, jwtSecret: string): Promise<string> {
  const database = new Database(await openDataSources({ url, replicaUrls: [], poolSize: 1 }));
  const userId = await createUser(database, { role: 'super_admin' });
  await database.close();
  const tokens = new AccessTokens({ secret: jwtSecret, lifetimeSeconds: 7200, clock: systemClock });
  return tokens.sign({ userId, sessionId: userId, role: 'super_admin', nickname: 'Manager' });
}

async function announce(url: string, token: string): Promise<void> {
  const http = new HttpClient(url, 1);
  const text = { 'zh-CN': '今晚全场八折', en: 'A fifth off tonight' };
  const body = { all: true, kind: 'activity', type: 'offer', title: text, body: text };
  await http.call({ method: 'POST', path: '/admin/notifications', token, body, idempotencyKey: 'bench' });
  http.close();
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KiB`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(0)} MiB`;
}
