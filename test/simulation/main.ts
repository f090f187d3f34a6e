/**
 * `npm run sim -- --seed N --steps M`: runs one seed and prints its trace; `--seeds K` runs 1 to K and prints what failed;
 * `--from N`: K seeds from N on, so that many can be shared out; `--until PATTERN`: none after one that violates such a rule.
 * `--planted`: plants each known fault again and says whether its named seed catches it; with `--seeds K`, which
 * of the first K do, to name another.
 * `--logins`: of logins on many nodes, instead of one campaign; `--talk`: of a group that talks, and of people who are told of
 * what happens to them.
 * Exit 0: no invariant was violated; 1: one was; 2: wrong arguments.
 */
import { parseArgs } from 'node:util';
import { LoginsSimulator } from './logins.ts';
import { catchPlanted, searchSeeds, type Catch } from './planted.ts';
import { PLANTS } from './plants.ts';
import type { Plant } from './plant.ts';
import { CAMPAIGN, Simulator, TALK, type Report, type Run } from './simulate.ts';

export const DEFAULT_STEPS = 800;
const DEFAULT_SEEDS = 300;

/** How to see a run again. */
export function replayCommand({ seed, steps, of = 'campaign' }: Run & { of?: Plant['of'] }): string {
  return `npm run sim -- ${of === 'campaign' ? '' : `--${of} `}--seed ${seed} --steps ${steps}`;
}

/** A failed run: what was violated, how to see it again, and the end of its trace. */
export function describeFailure(
  run: Parameters<typeof replayCommand>[0],
  { violation, lines }: Report,
  shownLines: number,
): string {
  return [
    `seed ${run.seed}: ${violation}`,
    replayCommand(run),
    ...lines.slice(Math.max(0, lines.length - shownLines)),
  ].join('\n');
}

async function main(given: string[]): Promise<number> {
  const options = readOptions(given);
  if (options.planted) return runPlanted(options);
  const simulator = await open(options.of);
  try {
    return options.seed === undefined
      ? await runAll(simulator, options)
      : await runOne(simulator, options.seed, options);
  } finally {
    simulator.close();
  }
}

type AnySimulator = Pick<LoginsSimulator, 'run' | 'close'>;

function open(of: Plant['of']): Promise<AnySimulator> {
  if (of === 'logins') return LoginsSimulator.open();
  return of === 'talk' ? Simulator.open(TALK) : Simulator.open(CAMPAIGN);
}

async function runOne(simulator: AnySimulator, seed: number, { steps }: Options): Promise<number> {
  const report = await simulator.run({ seed, steps });
  for (const line of report.lines) say(line);
  say(
    `trace ${report.hash}, ${report.violation ?? `${report.acknowledged} requests acknowledged, nothing violated`}`,
  );
  return report.violation === undefined ? 0 : 1;
}

async function runAll(
  simulator: AnySimulator,
  { from, seeds = DEFAULT_SEEDS, steps, of, until }: Options,
): Promise<number> {
  let failed = 0;
  let acknowledged = 0;
  const startedMs = performance.now();
  for (let seed = from; seed < from + seeds; seed++) {
    const report = await simulator.run({ seed, steps });
    acknowledged += report.acknowledged;
    if (report.violation === undefined) continue;
    failed += 1;
    say(describeFailure({ seed, steps, of }, report, 0));
    if (until?.test(report.violation)) return 1;
  }
  const perSecond = ((seeds / (performance.now() - startedMs)) * 1000).toFixed(1);
  say(
    `${seeds} seeds of ${steps} steps, ${perSecond} a second, ${acknowledged} requests acknowledged, ${failed} seeds failed`,
  );
  return failed === 0 ? 0 : 1;
}

async function runPlanted({ seeds }: Options): Promise<number> {
  let missed = 0;
  for (const plant of PLANTS) {
    const { name, fault, run } = plant;
    let caught: Catch[] = [];
    try {
      caught = seeds === undefined ? [await catchPlanted(plant)] : await searchSeeds(plant, seeds);
    } catch (error) {
      say((error as Error).message);
    }
    const isNamed = caught.some(({ seed }) => seed === run.seed);
    if (!isNamed) missed += 1;
    say(`${name}: ${isNamed ? 'caught' : 'NOT CAUGHT'} by seed ${run.seed}: ${fault}`);
    if (caught.length > 0)
      say(`  seeds ${caught.map(({ seed }) => seed).join(' ')}: ${caught[0]!.violation}`);
  }
  say(`${PLANTS.length} faults planted, ${missed} not caught by the seed that is named`);
  return missed === 0 ? 0 : 1;
}

interface Options {
  seed: number | undefined;
  from: number;
  seeds: number | undefined;
  until: RegExp | undefined;
  steps: number;
  of: Plant['of'];
  planted: boolean;
}

function readOptions(given: string[]): Options {
  try {
    const { values } = parseArgs({
      args: given,
      options: {
        seed: { type: 'string' },
        logins: { type: 'boolean', default: false },
        talk: { type: 'boolean', default: false },
        from: { type: 'string', default: '1' },
        planted: { type: 'boolean', default: false },
        seeds: { type: 'string' },
        until: { type: 'string' },
        steps: { type: 'string', default: String(DEFAULT_STEPS) },
      },
    });
    const seed = values.seed === undefined ? undefined : whole('seed', values.seed);
    const { logins, talk, planted } = values;
    if (logins && talk) throw new Error('--logins and --talk are of two simulations');
    const of = logins ? 'logins' : talk ? 'talk' : 'campaign';
    const seeds = values.seeds === undefined ? undefined : whole('seeds', values.seeds);
    const [from, steps] = [whole('from', values.from), whole('steps', values.steps)];
    const until = values.until === undefined ? undefined : new RegExp(values.until);
    return { seed, from, seeds, steps, until, of, planted };
  } catch (error) {
    process.stderr.write(
      `${(error as Error).message}\nnpm run sim -- [--logins | --talk | --planted] [--seed N | --from N --seeds K --until PATTERN] [--steps M]\n`,
    );
    process.exit(2);
  }
}

function whole(name: string, text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= 2_147_483_647) return value;
  throw new Error(`--${name} is a whole number from 1, not ${text}`);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
