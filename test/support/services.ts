/**
 * Real MariaDB and Redis servers for tests and benchmarks, started from the binaries on PATH: one free port on 127.0.0.1
 * and one temporary folder each. A server that is not stopped dies with this process and never keeps it alive.
 */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync } from 'node:fs';
import { createConnection as connectSocket, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Redis } from 'ioredis';
import { createConnection } from 'mysql2/promise';
import { ServerProcess, START_TIMEOUT_MS } from './serverProcess.ts';
import { goneAtExit } from './goneAtExit.ts';

const HOST = '127.0.0.1';

export interface MariadbServer {
  readonly port: number;
  readonly pid: number;
  url(database: string): string;
  /** One statement of its administrator. */
  run(sql: string): Promise<void>;
  /** Creates an empty schema and returns its name. */
  createDatabase(): Promise<string>;
  dropDatabase(name: string): Promise<void>;
  /** Ends the server and removes its files. */
  stop(): Promise<void>;
  /** SIGKILL: what was not flushed is lost. The files stay. */
  kill(): Promise<void>;
  /** The server again, after a kill or a clean end, with the same files and port. */
  restart(): Promise<void>;
}

export interface RedisServer {
  readonly port: number;
  readonly pid: number;
  readonly url: string;
  /** Sends one command and returns its answer. */
  command(name: string, ...parameters: string[]): Promise<unknown>;
  stop(): Promise<void>;
  kill(): Promise<void>;
  /** The server again, after a kill, empty and on the same port. */
  restart(): Promise<void>;
}

/** Full flush at every commit, as in production; the rest is small so that it starts quickly. */
const MARIADB_SETTINGS = [
  '--skip-log-bin',
  '--skip-name-resolve',
  '--performance-schema=OFF',
  '--character-set-server=utf8mb4',
  '--innodb-flush-log-at-trx-commit=1',
  '--innodb-buffer-pool-size=64M',
  '--innodb-log-file-size=16M',
  '--max-connections=300',
];

/**
 * @param settings further options of mariadbd, which win over the small defaults.
 * @param within where its files are, as on a volume of their own.
 */
export async function startMariadb(
  settings: readonly string[] = [],
  within = tmpdir(),
): Promise<MariadbServer> {
  const folder = mkdtempSync(join(within, 'kaijiang-mariadb-'));
  return serveMariadb({ folder, settings, isKept: false });
}

/** A server whose files are in that folder before and after, made when they are not there: `stop` leaves them. */
export async function startKeptMariadb(folder: string, settings: readonly string[]): Promise<MariadbServer> {
  mkdirSync(folder, { recursive: true });
  return serveMariadb({ folder, settings, isKept: true });
}

async function serveMariadb({
  folder,
  settings,
  isKept,
}: {
  folder: string;
  settings: readonly string[];
  isKept: boolean;
}): Promise<MariadbServer> {
  const options = [...rootUser(), ...MARIADB_SETTINGS, ...settings];
  try {
    if (!existsSync(join(folder, 'data'))) installMariadb(folder, options);
  } catch (error) {
    if (!isKept) rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  const port = await freePort();
  const server = new ServerProcess({
    folder,
    isKept,
    command: requireBinary('mariadbd'),
    parameters: [
      '--no-defaults',
      ...options,
      `--datadir=${join(folder, 'data')}`,
      // Its own: another server that starts clears temporary tables out of a shared one.
      `--tmpdir=${folder}`,
      `--port=${port}`,
      `--bind-address=${HOST}`,
      `--socket=${join(folder, 'socket')}`,
      `--pid-file=${join(folder, 'pid')}`,
    ],
    answers: () => mariadbAnswers(port),
  });
  await server.start();
  const run = (sql: string) => runStatement(port, sql);
  return {
    port,
    get pid() {
      return server.pid;
    },
    url: (database) => `mysql://root@${HOST}:${port}/${database}`,
    createDatabase: async () => {
      const name = `kaijiang_${randomBytes(6).toString('hex')}`;
      await run(`CREATE DATABASE ${name} CHARACTER SET utf8mb4`);
      return name;
    },
    dropDatabase: (name) => run(`DROP DATABASE ${name}`),
    run,
    stop: () => server.remove(),
    kill: () => server.end('SIGKILL'),
    restart: async () => {
      await server.end('SIGTERM');
      await server.start();
    },
  };
}

/** @param settings further options of redis-server. */
export async function startRedis(settings: readonly string[] = []): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'kaijiang-redis-'));
  const port = await freePort();
  const parameters = [
    '--port',
    String(port),
    '--bind',
    HOST,
    '--dir',
    folder,
    '--save',
    '',
    '--appendonly',
    'no',
    ...settings,
  ];
  const server = new ServerProcess({
    folder,
    command: requireBinary('redis-server'),
    parameters,
    answers: () => redisAnswers(port),
  });
  await server.start();
  return {
    port,
    get pid() {
      return server.pid;
    },
    url: `redis://${HOST}:${port}`,
    command: async (name, ...parameters) => {
      const client = new Redis(port, HOST);
      try {
        return await client.call(name, ...parameters);
      } finally {
        client.disconnect();
      }
    },
    stop: () => server.remove(),
    kill: () => server.end('SIGKILL'),
    restart: () => server.start(),
  };
}

/** The path of an executable on PATH. */
export function findBinary(name: string): string | undefined {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, name);
    if (statSync(path, { throwIfNoEntry: false })?.isFile()) return path;
  }
  return undefined;
}

/** By its settings, the files of a server that nothing has been written to: making them takes longer than starting it. */
const installed = new Map<string, string>();

function installMariadb(folder: string, settings: readonly string[]): void {
  const key = settings.join(' ');
  let files = installed.get(key);
  if (files === undefined) {
    files = goneAtExit(mkdtempSync(join(tmpdir(), 'kaijiang-mariadb-files-')));
    const { status, stdout, stderr, error } = spawnSync(
      requireBinary('mariadb-install-db'),
      [
        ...['--no-defaults', '--auth-root-authentication-method=normal', '--skip-test-db'],
        ...[`--datadir=${files}`, `--tmpdir=${folder}`, ...settings],
      ],
      { encoding: 'utf8', timeout: START_TIMEOUT_MS },
    );
    if (status !== 0) throw new Error(`mariadb-install-db failed:\n${stdout}${stderr}`, { cause: error });
    installed.set(key, files);
  }
  // All of them or none: files that are kept may be found by another run.
  cpSync(files, join(folder, 'copied'), { recursive: true });
  renameSync(join(folder, 'copied'), join(folder, 'data'));
}

/** mariadbd refuses to run as root unless told to. */
function rootUser(): string[] {
  return process.getuid?.() === 0 ? ['--user=root'] : [];
}

export function requireBinary(name: string): string {
  const path = findBinary(name);
  if (path === undefined) throw new Error(`${name} is not on PATH`);
  return path;
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, HOST);
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

async function runStatement(port: number, sql: string): Promise<void> {
  const connection = await createConnection({ host: HOST, port, user: 'root', connectTimeout: 5000 });
  try {
    await connection.query(sql);
  } finally {
    await connection.end();
  }
}

async function mariadbAnswers(port: number): Promise<boolean> {
  return runStatement(port, 'SELECT 1').then(
    () => true,
    () => false,
  );
}

async function redisAnswers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectSocket({ port, host: HOST }, () => socket.write('PING\r\n'));
    socket.setTimeout(1000, () => socket.destroy());
    socket.once('data', (reply) => {
      resolve(reply.toString().startsWith('+PONG'));
      socket.destroy();
    });
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });
}
