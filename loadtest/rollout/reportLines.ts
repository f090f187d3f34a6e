import { percent } from './returns.ts';
import type { RolloutReport } from './stage.ts';

/** What became of the people, in a few lines. */
export function reportLines(report: RolloutReport): string[] {
  const { refusals, unanswered, failures, sentAgain, clients } = report;
  return [
    `${report.acknowledgedDraws} draws and ${report.acknowledgedMessages} messages were acknowledged; lost or doubled: ${report.differences.length}`,
    `refused and asked again: ${listOf(refusals)}; refused for good: ${failures.length}; sent again without an answer: ${listOf(unanswered)}, and ${sentAgain} by the stock SDK and by calls as they were cut off`,
    `${report.rejoins} times somebody sat down again; at most ${percent(report.largestShare)} of ${clients} clients came back in one second`,
    report.audit.split('\n').at(-1)!,
  ];
}

function listOf(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([name, times]) => `${name} ${times}`).join(', ') || 'none';
}
