import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { logSearch } from '../../support/logs.ts';
import { freePort } from '../../support/services.ts';

const START_TIMEOUT_MS = 40_000;
/** Kept of what a process prints: at debug it is a lot over minutes of load. */
const MAX_OUTPUT_CHARACTERS = 1_000_000;
/** Given to servers and commands alike, so that nothing is read from or left in the working folder. */
const SECRETS = {
  JWT_SECRET: 'test-secret-of-more-than-thirty-two-bytes',
  SEED_ENCRYPTION_KEY: '09'.repeat(32),
};

/** The product as its own process, started the way `npm run dev` does. */
export interface ServerProcess {
  origin: string;
  pid: number;
  /** What it has printed so far, its log among it. */
  readonly output: string;
  /** Sends a signal and returns the exit code (null: ended by the signal) and how long the end took. */
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<{ code: number | null; tookMs: number }>;
}

export async function startServerProcess(
  databaseUrl: string,
  environment: Record<string, string> = {},
  main = 'src/index.ts',
): Promise<ServerProcess> {
  const port = await freePort();
  const { HOST: host = '127.0.0.1' } = environment;
  const child = run(main, [], {
    DATABASE_URL: databaseUrl,
    PORT: String(port),
    DRAW_RATE_PER_SECOND: '100000',
    AUTH_LOGINS_PER_IP_PER_MINUTE: '100000',
    REQUESTS_PER_MINUTE: '100000000',
    JOINS_PER_MINUTE: '1000000',
    // One of several nodes is reached at its own address; a lone one where its clients already are.
    ...('REDIS_URL' in environment ? { PUBLIC_ADDRESS: `127.0.0.1:${port}` } : {}),
    ...environment,
    // Whatever a suite would rather see: the run's logs are searched for secrets, and this is when there is most in them.
    LOG_LEVEL: 'debug',
  });
  const output = outputOf(child);
  await untilPrinted(child, output, 'Kaijiang listens');
  return {
    origin: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    pid: child.pid!,
    get output() {
      return output.text;
    },
    end: async (signal) => {
      const startMs = performance.now();
      const exited = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
      child.kill(signal);
      await exited;
      return { code: child.exitCode, tookMs: performance.now() - startMs };
    },
  };
}

/** Runs a command of the product to its end. */
export async function runCommand(
  file: string,
  parameters: string[],
  environment: Record<string, string>,
): Promise<{ code: number | null; output: string }> {
  const child = run(file, parameters, environment);
  const output = outputOf(child);
  await once(child, 'close');
  return { code: child.exitCode, output: output.text };
}

function run(file: string, parameters: string[], environment: Record<string, string>): ChildProcess {
  const child = spawn(process.execPath, ['--import', 'tsx', file, ...parameters], {
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      TZ: process.env['TZ'],
      ...SECRETS,
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // Whatever ends this process must not leave a server behind.
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.removeListener('exit', kill));
  return child;
}

function outputOf(child: ChildProcess): { text: string } {
  const output = { text: '' };
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output.text = (output.text + text).slice(-MAX_OUTPUT_CHARACTERS);
    });
    logSearch.follow(stream);
  }
  return output;
}

async function untilPrinted(child: ChildProcess, output: { text: string }, words: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const check = () => {
    if (output.text.includes(words)) resolve();
  };
  child.stdout!.on('data', check);
  child.once('exit', () => resolve());
  const timer = setTimeout(resolve, START_TIMEOUT_MS);
  await promise;
  clearTimeout(timer);
  child.stdout!.removeListener('data', check);
  assert.ok(output.text.includes(words), `the server did not start: ${output.text}`);
}
