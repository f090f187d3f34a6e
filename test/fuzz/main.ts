/**
 * `npm run fuzz -- --seed N [--seconds S]`: one run on a new database of its own, which is removed afterwards.
 * Exit 0: nothing was violated; 1: something was; 2: wrong arguments.
 */
import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fuzz, type FuzzReport } from './fuzz.ts';

const DEFAULT_SECONDS = 60;

async function main(given: string[]): Promise<number> {
  const options = readOptions(given);
  if (options === undefined) {
    process.stderr.write('usage: npm run fuzz -- --seed N [--seconds S]\n');
    return 2;
  }
  const folder = mkdtempSync(join(tmpdir(), 'kaijiang-fuzz-'));
  try {
    const report = await fuzz({ url: `sqlite:${join(folder, 'fuzz.db')}`, ...options });
    process.stdout.write(describe(report));
    return report.violations.length === 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readOptions(given: string[]): { seed: number; seconds: number } | undefined {
  try {
    const { values } = parseArgs({
      args: given,
      options: { seed: { type: 'string' }, seconds: { type: 'string' } },
    });
    const seed = Number(values.seed);
    const seconds = Number(values.seconds ?? DEFAULT_SECONDS);
    const isGood = Number.isSafeInteger(seed) && seed >= 0 && seconds > 0 && seconds <= 86_400;
    return isGood && values.seed !== undefined ? { seed, seconds } : undefined;
  } catch {
    // An option that nobody knows.
    return undefined;
  }
}

function describe({ requests, messages, answers, operations, succeeded, violations }: FuzzReport): string {
  const counts = [...answers].sort(([, a], [, b]) => b - a).map(([key, count]) => `  ${count} × ${key}`);
  const never = operations.filter((name) => !succeeded.has(name));
  return [
    `${requests} requests to ${operations.length} operations and ${messages} messages`,
    ...counts,
    never.length === 0 ? 'every operation succeeded at least once' : `never succeeded: ${never.join(', ')}`,
    violations.length === 0 ? 'nothing was violated' : `${violations.length} violations`,
    ...violations,
    '',
  ].join('\n');
}

process.exitCode = await main(process.argv.slice(2));
// Timers of the framework would keep the process.
process.exit();
