/*
 * Who may not come back, by their own cycle: the median of the days between the days on which they were here. Away for up to two cycles is
 * a low risk, up to four a middle one, more a high one; a cycle is at least a week, since nobody is lost over a few days. Who was here on fewer than four days
 * has none. What the words are worth is told beside them: of whoever would have been of that risk a month ago, how many have come since.
 */
import { median } from 'simple-statistics';
import { dayAfter } from '../../points/statistics/periods.ts';
import { daysFrom } from '../windows.ts';

export const RISKS = ['low', 'middle', 'high'] as const;
export type Risk = (typeof RISKS)[number];

const FEWEST_DAYS = 4;
const SHORTEST_CYCLE = 7;
export const TESTED_DAYS = 30;

export interface Cycle {
  activeDays: number;
  cycleDays: number;
  daysSince: number;
  /** How many of their cycles they are away. */
  cyclesAway: number;
  risk: Risk;
}

/** @param days on which somebody was here, in their order; those after `asOf` are not looked at */
export function cycleOf(days: readonly string[], asOf: string): Cycle | undefined {
  const before = days.filter((day) => day <= asOf);
  if (before.length < FEWEST_DAYS) return undefined;
  const gaps = before.slice(1).map((day, at) => daysFrom(before[at]!, day));
  const cycleDays = Math.max(median(gaps), SHORTEST_CYCLE);
  const daysSince = daysFrom(before.at(-1)!, asOf);
  const cyclesAway = daysSince / cycleDays;
  const risk = cyclesAway <= 2 ? 'low' : cyclesAway <= 4 ? 'middle' : 'high';
  return { activeDays: before.length, cycleDays, daysSince, cyclesAway, risk };
}

export interface RiskFigures {
  risk: Risk;
  people: number;
  /** Who would have been of it 30 days ago, and how many of them have been here since. */
  tested: number;
  returned: number;
  returned_rate: number | null;
}

export class ChurnTally {
  private readonly figures = new Map(
    RISKS.map((risk) => [risk, { risk, people: 0, tested: 0, returned: 0 }]),
  );

  constructor(private readonly asOf: string) {}

  /** @returns undefined for who has no cycle */
  add(days: readonly string[]): Cycle | undefined {
    const cut = dayAfter(this.asOf, -TESTED_DAYS);
    const then = cycleOf(days, cut);
    if (then !== undefined) {
      const tested = this.figures.get(then.risk)!;
      tested.tested += 1;
      if (days.some((day) => day > cut && day <= this.asOf)) tested.returned += 1;
    }
    const now = cycleOf(days, this.asOf);
    if (now !== undefined) this.figures.get(now.risk)!.people += 1;
    return now;
  }

  report(): RiskFigures[] {
    return [...this.figures.values()].map((one) => ({
      ...one,
      returned_rate: one.tested === 0 ? null : one.returned / one.tested,
    }));
  }
}
