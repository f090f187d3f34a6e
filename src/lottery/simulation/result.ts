/** What is told of a simulation that is completed. */
import { summarize, type Summing } from '../../draw/simulationSummary.ts';
import type { SimulationResult } from './messages.ts';
import { configHashOf } from './subject.ts';

export interface ResultOf extends Summing {
  keys: ReadonlyMap<number, string>;
}

export function resultOf({ keys, ...summing }: ResultOf): SimulationResult {
  const { plan } = summing;
  const { diners, levels, freeDrawsPerDay, startsAtMs, endsAtMs } = plan.population;
  const { prizes, exhaustion, stock_course: stockCourse, warnings, ...summary } = summarize(summing);
  const keyOf = ({ prize_id: prizeId }: { prize_id: number | null }) =>
    prizeId === null ? null : (keys.get(prizeId) ?? null);
  return {
    config_hash: configHashOf(plan.config),
    ...summary,
    prizes: prizes.map((prize) => ({ key: keyOf(prize), ...prize })),
    exhaustion: exhaustion.map((prize) => ({ key: keyOf(prize), ...prize })),
    stock_course: {
      draw_nos: stockCourse.draw_nos,
      prizes: stockCourse.prizes.map((prize) => ({ key: keyOf(prize), ...prize })),
    },
    warnings: warnings.map((warning) => ({ key: keyOf(warning), ...warning })),
    population: {
      diners,
      levels,
      free_draws_per_day: freeDrawsPerDay,
      starts_at: new Date(startsAtMs).toISOString(),
      ends_at: new Date(endsAtMs).toISOString(),
    },
  };
}
