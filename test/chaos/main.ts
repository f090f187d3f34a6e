/**
 * `npm run chaos -- --minutes N [--seed S]`: breaks a cluster of its own again and again under load. Needs mariadbd and
 * redis-server on PATH. Exit 0: nothing was violated; 1: something was; 2: wrong arguments.
 */
import { parseArgs } from 'node:util';
import { runChaos, type ChaosReport } from './chaos.ts';

const USAGE = 'usage: npm run chaos -- --minutes N [--seed S]\n';

async function main(given: string[]): Promise<number> {
  const options = readOptions(given);
  if (options === undefined) {
    process.stderr.write(USAGE);
    return 2;
  }
  const print = (line: string) => void process.stdout.write(`${line}\n`);
  print(`seed ${options.seed}, ${options.minutes} minutes`);
  const report = await runChaos({ ...options, print });
  print(describe(report));
  return report.violations.length === 0 ? 0 : 1;
}

function readOptions(given: string[]): { minutes: number; seed: number } | undefined {
  try {
    const { values } = parseArgs({
      args: given,
      options: { minutes: { type: 'string', default: '5' }, seed: { type: 'string' } },
    });
    const minutes = Number(values.minutes);
    const seed = Number(values.seed ?? Date.now() % 1_000_000);
    return minutes > 0 && minutes <= 1440 && Number.isSafeInteger(seed) ? { minutes, seed } : undefined;
  } catch {
    // An option that nobody knows.
    return undefined;
  }
}

function describe(report: ChaosReport): string {
  const { draws, spendings, endedLogins, retries, longestGapMs, violations, logFile } = report;
  const counted = (counts: ReadonlyMap<string, number>) =>
    [...counts].map(([name, count]) => `${name} ${count}`).join(', ') || 'nothing';
  return [
    `faults: ${counted(report.faults)}`,
    `${draws} draws acknowledged, ${spendings} spendings, ${endedLogins} logins ended`,
    `sent again: ${counted(retries)}; longest time without a draw ${Math.round(longestGapMs)} ms`,
    violations.length === 0 ? 'nothing was violated' : `${violations.length} violations, log: ${logFile}`,
    ...violations.slice(0, 50),
  ].join('\n');
}

process.exitCode = await main(process.argv.slice(2));
// Sockets of the framework's client would keep the process.
process.exit();
