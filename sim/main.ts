/**
 * `npm run sim -- --seed N --steps M`: runs one seed and prints its trace; `--seeds K` runs 1 to K and prints what failed.
 * `--logins`: of logins on many nodes, instead of one campaign.
 * Exit 0: no invariant was violated; 1: one was; 2: wrong arguments.
 */
import { parseArgs } from 'node:util';
import { LoginsSimulator } from './logins.ts';
import { Simulator, type Report, type Run } from './simulate.ts';

export const DEFAULT_STEPS = 800;

/** How to see a run again. */
export function replayCommand({ seed, steps }: Run): string {
  return `npm run sim -- --seed ${seed} --steps ${steps}`;
}

/** A failed run: what was violated, how to see it again, and the end of its trace. */
export function describeFailure(run: Run, { violation, lines }: Report, shownLines: number): string {
  return [
    `seed ${run.seed}: ${violation}`,
    replayCommand(run),
    ...lines.slice(Math.max(0, lines.length - shownLines)),
  ].join('\n');
}

async function main(given: string[]): Promise<number> {
  const options = readOptions(given);
  const simulator = options.logins ? await LoginsSimulator.open() : await Simulator.open();
  try {
    return options.seed === undefined
      ? await runAll(simulator, options)
      : await runOne(simulator, options.seed, options);
  } finally {
    simulator.close();
  }
}

async function runOne(simulator: Pick<Simulator, 'run'>, seed: number, { steps }: Options): Promise<number> {
  const report = await simulator.run({ seed, steps });
  for (const line of report.lines) say(line);
  say(
    `trace ${report.hash}, ${report.violation ?? `${report.acknowledged} requests acknowledged, nothing violated`}`,
  );
  return report.violation === undefined ? 0 : 1;
}

async function runAll(simulator: Pick<Simulator, 'run'>, { seeds, steps }: Options): Promise<number> {
  let failed = 0;
  let acknowledged = 0;
  for (let seed = 1; seed <= seeds; seed++) {
    const report = await simulator.run({ seed, steps });
    acknowledged += report.acknowledged;
    if (report.violation === undefined) continue;
    failed += 1;
    say(describeFailure({ seed, steps }, report, 0));
  }
  say(`${seeds} seeds of ${steps} steps, ${acknowledged} requests acknowledged, ${failed} seeds failed`);
  return failed === 0 ? 0 : 1;
}

interface Options {
  seed: number | undefined;
  seeds: number;
  steps: number;
  logins: boolean;
}

function readOptions(given: string[]): Options {
  try {
    const { values } = parseArgs({
      args: given,
      options: {
        seed: { type: 'string' },
        logins: { type: 'boolean', default: false },
        seeds: { type: 'string', default: '300' },
        steps: { type: 'string', default: String(DEFAULT_STEPS) },
      },
    });
    const seed = values.seed === undefined ? undefined : whole('seed', values.seed);
    const { logins } = values;
    return { seed, seeds: whole('seeds', values.seeds), steps: whole('steps', values.steps), logins };
  } catch (error) {
    process.stderr.write(
      `${(error as Error).message}\nnpm run sim -- [--logins] [--seed N | --seeds K] [--steps M]\n`,
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
