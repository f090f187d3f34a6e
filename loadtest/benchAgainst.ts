/**
 * `npm run bench:against -- --folder CHECKOUT`: the draws of this checkout (B) against those of another one (A) in one run, over
 * WebSocket. Both servers run all the time, each on its own database; the load goes to one after the other, A B B A, so that
 * whatever the machine does meets both alike. Each makes its own schema, demo and logins: nothing is asked but the wire.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { findBinary, startMariadb } from '../test/support/services.ts';
import { Contender, DINERS, type MeasuredRound } from './bench/contender.ts';
import { benchFolder } from './bench/benchFolder.ts';
import { machineFigures } from './bench/machine.ts';
import { MARIADB_SETTINGS } from './bench/settings.ts';
import { progress, say } from './bench/terminal.ts';
import { databaseKind, readCommandLine, whole } from './commandLine.ts';
import { formatCount, formatMs, median } from './figures.ts';

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
  const lines = ['', title];
  for (const drawCount of [1, 10]) {
    progress(`${title}, ${drawCount} draws per request`);
    const rounds: Record<'a' | 'b', MeasuredRound[]> = { a: [], b: [] };
    for (let round = 0; round < options.rounds; round++) {
      const order = round % 2 === 0 ? (['a', 'b'] as const) : (['b', 'a'] as const);
      for (const name of order)
        rounds[name].push(await (name === 'a' ? a : b).measure(drawCount, options.seconds));
    }
    lines.push(...linesOf(drawCount, rounds));
  }
  const audits = [await a.stop(), await b.stop()];
  say([...lines, `  books: A ${audits[0]!.output}, B ${audits[1]!.output}`]);
  return audits.every(({ balanced }) => balanced);
}

function linesOf(drawCount: number, { a, b }: Record<'a' | 'b', MeasuredRound[]>): string[] {
  const shown = (name: string, rounds: readonly MeasuredRound[]) =>
    `  ${name} ${formatCount(median(rounds.map((round) => round.drawsPerSecond)))} draws/s, ` +
    `p50 ${formatMs(median(rounds.map((round) => round.p50Ms)))} ms, p99 ${formatMs(median(rounds.map((round) => round.p99Ms)))} ms, ` +
    `server ${median(rounds.map((round) => round.cpuPerDrawUs)).toFixed(0)} µs of CPU per draw`;
  const pairs = (name: string, of: (round: MeasuredRound) => number) => {
    const ratios = a.map((round, at) => of(b[at]!) / of(round));
    return `    ${name}, B / A: median of the pairs ${median(ratios).toFixed(3)}, from ${Math.min(...ratios).toFixed(3)} to ${Math.max(...ratios).toFixed(3)}`;
  };
  return [
    `  ${drawCount} per request, ${DINERS} in flight`,
    `  ${shown('A', a)}`,
    `  ${shown('B', b)}`,
    pairs('draws/s', (round) => round.drawsPerSecond),
    pairs('CPU', (round) => round.cpuPerDrawUs),
  ];
}
