/**
 * `npm run chaos` and `npm run soak`: break a cluster of their own again and again under load. Need mariadbd and redis-server on PATH.
 * Exit 0: nothing was violated and nothing was left behind; 1: something was; 2: wrong arguments.
 */
import { readCommandLine, whole } from '../../loadtest/commandLine.ts';
import { endOnSignals } from '../../loadtest/endOnSignals.ts';
import { runChaos } from './chaos.ts';
import { describeReport } from './describe.ts';
import { FAULTS, LASTING_FAULTS } from './faults.ts';

const USAGE = `npm run chaos -- [options], npm run soak -- [options]

  --minutes N       how long (5; soak: 60)
  --fault-every S   seconds between the beginnings of two faults (10; soak: 60)
  --seed N          repeats the faults of another run (by the clock)
  --rest MS         between two calls of one person, about (30; soak: 300)
  --faults LIST     of their names, with commas (all; soak: those that leave the clocks alone)
  --growth PERCENT  by which a node's memory may grow over the last two thirds (40; soak: 10)
`;

endOnSignals();

const { soak, ...options } = readCommandLine({
  usage: USAGE,
  known: {
    soak: { type: 'boolean', default: false },
    minutes: { type: 'string' },
    'fault-every': { type: 'string' },
    seed: { type: 'string' },
    rest: { type: 'string' },
    faults: { type: 'string' },
    growth: { type: 'string' },
  },
  read: ({ soak, minutes, seed, rest, faults, growth, 'fault-every': faultEvery }) => ({
    soak,
    minutes: whole('minutes', minutes ?? (soak ? '60' : '5'), { most: 1440 }),
    faultEveryMs: 1000 * whole('fault-every', faultEvery ?? (soak ? '60' : '10'), { most: 3600 }),
    seed: whole('seed', seed ?? String(Date.now() % 1_000_000), { least: 0, most: 2 ** 32 }),
    restMs: whole('rest', rest ?? (soak ? '300' : '30'), { most: 60_000 }),
    faults: faults === undefined ? (soak ? LASTING_FAULTS : Object.keys(FAULTS)) : named(faults),
    mostGrowth: whole('growth', growth ?? (soak ? '10' : '40'), { most: 1000 }) / 100,
  }),
});

// The SDK's remarks about connections are no part of the report.
console.warn = console.info = () => undefined;

const print = (line: string) => void process.stdout.write(`${line}\n`);
print(`seed ${options.seed}, ${options.minutes} minutes, a fault every ${options.faultEveryMs / 1000} s`);
const report = await runChaos({
  ...options,
  // A soak is of what was built, as it starts in production.
  script: soak ? 'dist/src/index.js' : 'src/index.ts',
  print,
});
for (const line of describeReport(report)) print(line);
// Sockets of the framework's client would keep the process.
process.exit(report.violations.length === 0 ? 0 : 1);

/** @throws Error with those that there are */
function named(list: string): string[] {
  const names = list.split(',').map((name) => name.trim());
  const known = Object.keys(FAULTS);
  if (names.every((name) => known.includes(name))) return names;
  throw new Error(`--faults are of: ${known.join(', ')}`);
}
