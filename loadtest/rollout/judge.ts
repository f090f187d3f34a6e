import type { UpgradeReport } from '../upgrade/runUpgrade.ts';
import { PASSING } from './logged.ts';
import type { RolloutReport } from './stage.ts';

const LARGEST_SHARE = 0.2;
const SHOWN = 20;

/** What a rollout must not have (RO-2), one line each; none where it was as it should be. */
export function faultsOf(report: RolloutReport): string[] {
  const { unanswered, largestShare } = report;
  return [
    ...lossesOf(report),
    ...[...unanswered].map(([why, times]) => `not answered ${times} times: ${why}`),
    ...(largestShare > LARGEST_SHARE
      ? [`${Math.round(largestShare * 100)} % of all came back in one second`]
      : []),
  ];
}

/** What an upgrade must not have (RO-3). How people leave a node of the old build is that build's matter. */
export function upgradeFaultsOf(report: UpgradeReport): string[] {
  const { seats } = report;
  const idle = (['old', 'new'] as const).filter((build) => seats.every((look) => look[build] === 0));
  return [...lossesOf(report), ...idle.map((build) => `nobody sat at the ${build} build beside the other`)];
}

function lossesOf(report: RolloutReport): string[] {
  const { differences, refusals, failures, ends, errors, isBalanced, audit } = report;
  return [
    ...differences.slice(0, SHOWN),
    ...[...refusals]
      .filter(([code]) => !PASSING.has(code))
      .map(([code, times]) => `refused with ${code} ${times} times`),
    ...failures.slice(0, SHOWN),
    ...ends.filter(({ code }) => code !== 0).map(({ code }) => `a node ended with ${code}`),
    ...errors.slice(0, SHOWN),
    ...(isBalanced ? [] : [audit]),
    ...(report.acknowledgedDraws === 0 || report.acknowledgedMessages === 0
      ? ['nobody was told of anything']
      : []),
    ...(report.rejoins === 0 ? ['nobody had to sit down again'] : []),
  ];
}
