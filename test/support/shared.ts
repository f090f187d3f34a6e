/** Servers that all suites of one mocha run share; started by the first that needs them, stopped at its end by hooks.ts. */
import { findBinary, startMariadb, startRedis, type MariadbServer, type RedisServer } from './services.ts';

/** What starting a server may take on a slow machine. */
const START_TIMEOUT_MS = 60_000;

let mariadb: Promise<MariadbServer> | undefined;
let redis: Promise<RedisServer> | undefined;

export async function sharedMariadb(): Promise<MariadbServer> {
  mariadb ??= startMariadb();
  return mariadb;
}

export async function sharedRedis(): Promise<RedisServer> {
  redis ??= startRedis();
  return redis;
}

export async function stopSharedServers(): Promise<void> {
  const started = [mariadb, redis];
  mariadb = undefined;
  redis = undefined;
  for (const server of started) await (await server)?.stop();
}

const skipped: { suite: string; missing: string[] }[] = [];

/** The suites that were skipped and why, for the end of the run; empty when none was. */
export function describeSkipped(): string {
  if (skipped.length === 0) return '';
  const lines = skipped.map(({ suite, missing }) => `  ${suite}: ${missing.join(', ')} not found on PATH`);
  return ['Skipped:', ...lines, ''].join('\n');
}

/**
 * The suite this is called in needs these programs: where one is not on PATH its tests are reported as skipped, each by
 * name, or fail when REQUIRE_SERVICES=1.
 */
export function needs(...programs: string[]): void {
  before(`${programs.join(', ')} on PATH`, function () {
    const missing = programs.filter((program) => findBinary(program) === undefined);
    if (missing.length === 0) return;
    if (process.env['REQUIRE_SERVICES'] === '1') throw new Error(`${missing.join(', ')} not found on PATH`);
    skipped.push({ suite: this.test!.parent!.fullTitle(), missing });
    this.skip();
  });
}

/** As `needs`, and the shared MariaDB runs before the suite's first test. */
export function needsMariadb(): void {
  needs('mariadbd', 'mariadb-install-db');
  before('MariaDB runs', async function () {
    this.timeout(START_TIMEOUT_MS);
    await sharedMariadb();
  });
}

/** As `needs`, and the shared Redis runs before the suite's first test. */
export function needsRedis(): void {
  needs('redis-server');
  before('Redis runs', async function () {
    this.timeout(START_TIMEOUT_MS);
    await sharedRedis();
  });
}
