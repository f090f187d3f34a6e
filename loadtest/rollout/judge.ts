import type { RolloutReport } from './runRollout.ts';

const LARGEST_SHARE = 0.2;
const PASSING = new Set(['BUSY', 'MOVED']);
const SHOWN = 20;

/** What a rollout must not have (RO-2), one line each; none where it was as it should be. */
export function faultsOf(report: RolloutReport): string[] {
  const { differences, refusals, unanswered, failures, largestShare, ends, isBalanced, audit } = report;
  return [
    ...differences.slice(0, SHOWN),
    ...[...refusals]
      .filter(([code]) => !PASSING.has(code))
      .map(([code, times]) => `refused with ${code} ${times} times`),
    ...[...unanswered].map(([why, times]) => `not answered ${times} times: ${why}`),
    ...failures.slice(0, SHOWN),
    ...(largestShare > LARGEST_SHARE
      ? [`${Math.round(largestShare * 100)} % of all came back in one second`]
      : []),
    ...ends.filter(({ code }) => code !== 0).map(({ code }) => `a node ended with ${code}`),
    ...(isBalanced ? [] : [audit]),
    ...(report.acknowledgedDraws === 0 || report.acknowledgedMessages === 0
      ? ['nobody was told of anything']
      : []),
    ...(report.rejoins === 0 ? ['nobody had to sit down again'] : []),
  ];
}
