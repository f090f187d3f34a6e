/**
 * `npm run bench:points`: what points cost in a large house, on MariaDB with full flush. Leaderboards, statistics and lists of
 * 5,000,000 rows against those of an all but empty ledger, over REST, in turns, with the plan of every statement; and bills at many
 * tills, beside one transaction for each and one for many. Exit 1 where a statement looks through a large table, a bill has not
 * earned once, or the books do not balance.
 */
import { ROWS_PER_VISIT } from '../test/support/manyPoints.ts';
import { startMariadb } from '../test/support/services.ts';
import { benchFolder } from './bench/benchFolder.ts';
import { machineFigures } from './bench/machine.ts';
import { MARIADB_SETTINGS } from './bench/settings.ts';
import { say } from './bench/terminal.ts';
import { readCommandLine, whole } from './commandLine.ts';
import { compareBills } from './points/bills.ts';
import { compareScale } from './points/scale.ts';

const USAGE = `npm run bench:points -- [options]

  --people N            of the large house (100000)
  --rows N              of the ledger for each of them, in fives (50)
  --regular N           rows of one more person, who comes every day (10000)
  --times N             how often each question is asked of each house in a round (200)
  --rounds N            of which the medians are (3)
  --terminals N         tills, each with one bill under way (50)
  --seconds N           length of a round of bills (5)
  --only scale|bills    one part alone
  --folder FOLDER       where the databases are made, on a disk (./data)
`;
const {
  folder: parent,
  only,
  ...options
} = readCommandLine({
  usage: USAGE,
  known: {
    people: { type: 'string', default: '100000' },
    rows: { type: 'string', default: '50' },
    regular: { type: 'string', default: '10000' },
    times: { type: 'string', default: '200' },
    rounds: { type: 'string', default: '3' },
    terminals: { type: 'string', default: '50' },
    seconds: { type: 'string', default: '5' },
    only: { type: 'string', default: 'all' },
    folder: { type: 'string', default: './data' },
  },
  read: ({ people, rows, regular, times, rounds, terminals, seconds, only, folder }) => ({
    people: whole('people', people, { most: 1_000_000 }),
    rows: whole('rows', rows, { least: ROWS_PER_VISIT, most: 1000 }),
    regularRows: whole('regular', regular, { least: ROWS_PER_VISIT, most: 10_000 }),
    times: whole('times', times, { most: 100_000 }),
    rounds: whole('rounds', rounds, { most: 99 }),
    terminals: whole('terminals', terminals, { most: 1000 }),
    seconds: whole('seconds', seconds, { most: 300 }),
    only: partOf(only),
    folder,
  }),
});

function partOf(text: string): 'scale' | 'bills' | 'all' {
  if (text === 'scale' || text === 'bills' || text === 'all') return text;
  throw new Error(`--only is scale or bills, not ${text}`);
}

const folder = benchFolder(parent, 'bench-points');
const mariadb = await startMariadb(MARIADB_SETTINGS, folder);

const PARTS = {
  scale: [() => compareScale(mariadb, options)],
  bills: [() => compareBills(mariadb, options)],
  all: [() => compareScale(mariadb, options), () => compareBills(mariadb, options)],
};

try {
  say(machineFigures(folder));
  for (const compare of PARTS[only]) {
    const { lines, holds } = await compare();
    say([...lines, '']);
    if (!holds) process.exitCode = 1;
  }
} finally {
  await mariadb.stop();
}
