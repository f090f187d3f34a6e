/**
 * `npm run bench:against -- --folder CHECKOUT`: the draws of this checkout (B) against those of another one (A) in one run, over
 * WebSocket. Each has its own database and makes its own schema, demo and logins: nothing is asked but the wire.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { findBinary, startMariadb } from '../test/support/services.ts';
import { benchFolder } from './bench/benchFolder.ts';
import { Contender } from './bench/contender.ts';
import { machineFigures } from './bench/machine.ts';
import { comparePair } from './bench/pairs.ts';
import { MARIADB_SETTINGS } from './bench/settings.ts';
import { say } from './bench/terminal.ts';
import { databaseKind, readCommandLine, whole } from './commandLine.ts';

const USAGE = `npm run bench:against -- --folder CHECKOUT [options]

  --folder CHECKOUT       another checkout of this repository, with its node_modules: A
  --seconds N             length of a round (4)
  --rounds N              rounds of each checkout per row (7)
  --only sqlite|mariadb   one database; by default SQLite, and MariaDB when mariadbd is on PATH
`;
const OWN = resolve(import.meta.dirname, '..');

const options = readCommandLine({
  usage: USAGE,
  known: {
    folder: { type: 'string' },
    seconds: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '7' },
    only: { type: 'string' },
  },
  read: ({ folder, seconds, rounds, only }) => {
    if (folder === undefined || !existsSync(join(folder, 'src/index.ts')))
      throw new Error('--folder is a checkout of this repository');
    return {
      folder: resolve(folder),
      seconds: whole('seconds', seconds, { most: 300 }),
      rounds: whole('rounds', rounds, { most: 99 }),
      only: only === undefined ? undefined : databaseKind('only', only),
    };
  },
});
const folder = benchFolder('data');
process.exitCode = (await run()) ? 0 : 1;

/** @returns whether all books balance. */
async function run(): Promise<boolean> {
  say([
    ...machineFigures(folder),
    `A ${options.folder}, B ${OWN}; ${options.rounds} rounds of ${options.seconds} s each, medians`,
  ]);
  let balanced = true;
  if (options.only !== 'mariadb') {
    balanced = await compare('SQLite', async (name) => `sqlite:${join(folder, `${name}.db`)}`);
  }
  if (options.only === 'sqlite' || findBinary('mariadbd') === undefined) return balanced;
  const mariadb = await startMariadb(MARIADB_SETTINGS);
  try {
    const newUrl = async () => mariadb.url(await mariadb.createDatabase());
    return (await compare('MariaDB', newUrl)) && balanced;
  } finally {
    await mariadb.stop();
  }
}

async function compare(title: string, newUrl: (name: string) => Promise<string>): Promise<boolean> {
  const a = await Contender.start(options.folder, await newUrl('a'));
  const b = await Contender.start(OWN, await newUrl('b'));
  const { lines } = await comparePair({ a, b }, { title, ...options });
  const audits = [await a.stop(), await b.stop()];
  say(['', title, ...lines, `  books: A ${audits[0]!.output}, B ${audits[1]!.output}`]);
  return audits.every(({ balanced }) => balanced);
}
