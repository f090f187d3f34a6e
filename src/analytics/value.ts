/**
 * What somebody is worth to the house, by recency, frequency and money (RFM). Those who were here in the last 365 days are put into fifths
 * by the days since their last visit, the days of visits, and what they spent: 5 is the best fifth. The sum of the three, 3 to 15, is
 *   high 12 and above, middle 8 to 11, low 7 and below; none: no visit in that time, or the fifths are not known yet.
 */
import { z } from 'zod';

export const VALUES = ['high', 'middle', 'low', 'none'] as const;
export type Value = (typeof VALUES)[number];

/** Where fifths end, from the lowest. */
const endsShape = z.array(z.number()).length(4);
export const fifthsShape = z.object({
  recency: endsShape,
  frequency: endsShape,
  money: endsShape,
  /** Of how many people. */
  people: z.int(),
});
export type Fifths = z.output<typeof fifthsShape>;

export interface Visiting {
  daysSinceVisit: number | null;
  visitDays: number;
  spentFen: number;
}

export interface Scores {
  recency: number;
  frequency: number;
  money: number;
}

export function scoresOf(
  { daysSinceVisit, visitDays, spentFen }: Visiting,
  fifths: Fifths | undefined,
): Scores | null {
  if (fifths === undefined || daysSinceVisit === null) return null;
  return {
    recency: 6 - fifthOf(fifths.recency, daysSinceVisit),
    frequency: fifthOf(fifths.frequency, visitDays),
    money: fifthOf(fifths.money, spentFen),
  };
}

export function valueOf(scores: Scores | null): Value {
  if (scores === null) return 'none';
  const sum = scores.recency + scores.frequency + scores.money;
  return sum >= 12 ? 'high' : sum >= 8 ? 'middle' : 'low';
}

function fifthOf(ends: readonly number[], value: number): number {
  return 1 + ends.filter((end) => rounded(value) > end).length;
}

/** To two digits. */
function rounded(value: number): number {
  return Number(value.toPrecision(2));
}

/** How often each amount is there, rounded: thousands of people are a few hundred amounts. */
export class Distribution {
  private readonly counts = new Map<number, number>();

  add(value: number): void {
    const amount = rounded(value);
    this.counts.set(amount, (this.counts.get(amount) ?? 0) + 1);
  }

  /** Where fifths end; of nothing at zero. */
  fifths(): number[] {
    const inOrder = [...this.counts].sort(([a], [b]) => a - b);
    const total = inOrder.reduce((sum, [, count]) => sum + count, 0);
    return [1, 2, 3, 4].map((fifth) => {
      let before = 0;
      for (const [value, count] of inOrder) {
        before += count;
        if (before * 5 >= total * fifth) return value;
      }
      return 0;
    });
  }
}
