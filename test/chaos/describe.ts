import type { ChaosReport } from './chaos.ts';
import { isTooMuch } from './remains.ts';

const SHOWN = 50;
const MB = 1024 * 1024;

/** What a run has come to, for people. */
export function describeReport(report: ChaosReport): string[] {
  const { draws, acknowledged, retries, longestGapMs, growths, remainders, violations, logFile } = report;
  const counted = (counts: Iterable<readonly [string, number]>) =>
    [...counts].map(([name, count]) => `${name} ${count}`).join(', ') || 'nothing';
  return [
    `faults: ${counted(report.faults)}`,
    `acknowledged: draws ${draws}, ${counted(Object.entries(acknowledged))}`,
    `sent again: ${counted(retries)}; longest time without a draw ${Math.round(longestGapMs)} ms`,
    ...growths.map(
      ({ node, fromBytes, toBytes, share, overMs }) =>
        `${node}: RSS ${(fromBytes / MB).toFixed(0)} MB, then ${(toBytes / MB).toFixed(0)} MB: ${(share * 100).toFixed(1)} % in the last ${(overMs / 60_000).toFixed(1)} min`,
    ),
    'left behind (before, after):',
    ...remainders.map(
      (remainder) =>
        `  ${remainder.what}: ${remainder.before}, ${remainder.after}${isTooMuch(remainder) ? ' TOO MUCH' : ''}`,
    ),
    violations.length === 0 ? 'nothing was violated' : `${violations.length} violations, log: ${logFile}`,
    ...violations.slice(0, SHOWN),
  ];
}
