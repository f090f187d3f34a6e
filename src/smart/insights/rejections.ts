/** Whether more of the bills that diners claim are rejected than before. Pure. */
import { alarmScore } from '../forecast/deviations.ts';
import { RISK } from './alarms.ts';
import type { Finding } from './finding.ts';

export interface Decided {
  day: string;
  approved: number;
  rejected: number;
}

const LATELY = 7;
const BEFORE = 28;
const LEAST_DECIDED = 20;

/** @param days complete ones, one after the other */
export function rejectionsOf(days: readonly Decided[], tests: number): Finding[] {
  const lately = added(days.slice(-LATELY));
  const before = added(days.slice(-LATELY - BEFORE, -LATELY));
  if (lately.decided < LEAST_DECIDED || before.decided < LEAST_DECIDED) return [];
  const [rate, usual] = [lately.rejected / lately.decided, before.rejected / before.decided];
  // Of both together: were they the same, they would differ by this.
  const all = (lately.rejected + before.rejected) / (lately.decided + before.decided);
  const deviation = Math.sqrt(all * (1 - all) * (1 / lately.decided + 1 / before.decided));
  if (deviation === 0 || (rate - usual) / deviation <= alarmScore({ risk: RISK, tests }, before.decided))
    return [];
  return [
    {
      ...{ kind: 'rejections_up', severity: 'warning', key: 'rejections', restaurantId: null },
      day: days.at(-1)!.day,
      figures: {
        ...{ rejected: lately.rejected, decided: lately.decided, days: LATELY },
        ...{ usual_rate: Number(usual.toFixed(4)), rate: Number(rate.toFixed(4)) },
      },
    },
  ];
}

function added(days: readonly Decided[]): { rejected: number; decided: number } {
  return days.reduce(
    (sum, { approved, rejected }) => ({
      rejected: sum.rejected + rejected,
      decided: sum.decided + approved + rejected,
    }),
    { rejected: 0, decided: 0 },
  );
}
