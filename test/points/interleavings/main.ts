/**
 * `npm run points:soak -- [--operations N] [--seed S] [--database sqlite|mariadb] [--parallel P]`: one run on a new database of its
 * own, which is removed afterwards. Exit 0: nothing was violated; 1: something was; 2: wrong arguments.
 */
import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { sharedMariadb, stopSharedServers } from '../../support/shared.ts';
import { describe, play, type PlayReport } from './play.ts';

const USAGE =
  'usage: npm run points:soak -- [--operations N] [--seed S] [--database sqlite|mariadb] [--parallel P]\n';
/** Operations between two looks at the books. */
const ROUND = 2500;

interface Options {
  operations: number;
  seed: number;
  parallel: number;
  database: string;
}

async function main(given: string[]): Promise<number> {
  const options = readOptions(given);
  if (options === undefined) {
    process.stderr.write(USAGE);
    return 2;
  }
  const folder = mkdtempSync(join(tmpdir(), 'kaijiang-soak-'));
  const print = (line: string) => void process.stdout.write(`${line}\n`);
  print(`seed ${options.seed}, ${options.operations} operations on ${options.database}`);
  try {
    const url = options.database === 'mariadb' ? await mariadbUrl() : `sqlite:${join(folder, 'soak.db')}`;
    const asked = { ...options, url, roundOf: ROUND };
    const report = await play(asked);
    print(countsOf(report));
    print(report.violations.length === 0 ? 'nothing was violated' : describe(asked, report));
    return report.violations.length === 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await stopSharedServers();
  }
}

async function mariadbUrl(): Promise<string> {
  const server = await sharedMariadb();
  return server.url(await server.createDatabase());
}

function readOptions(given: string[]): Options | undefined {
  try {
    const { values } = parseArgs({
      args: given,
      options: {
        operations: { type: 'string', default: '100000' },
        seed: { type: 'string', default: String(Date.now() % 1_000_000) },
        parallel: { type: 'string', default: '24' },
        database: { type: 'string', default: 'sqlite' },
      },
    });
    const { database } = values;
    const [operations, seed, parallel] = [values.operations, values.seed, values.parallel].map(Number);
    const options = { operations: operations!, seed: seed!, parallel: parallel!, database };
    const areWhole = [options.operations, options.seed, options.parallel].every(
      (number) => Number.isSafeInteger(number) && number >= 0,
    );
    return areWhole && parallel! > 0 && ['sqlite', 'mariadb'].includes(database) ? options : undefined;
  } catch {
    // An option that nobody knows.
    return undefined;
  }
}

function countsOf({ counts, rows }: PlayReport): string {
  const lines = [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, count]) => `  ${count} × ${name}`);
  return [`${rows} rows of the ledger`, ...lines].join('\n');
}

process.exitCode = await main(process.argv.slice(2));
// Sockets that are kept alive would keep the process.
process.exit();
