/** How fast the prizes of a campaign go, and when they are gone. */
import type { LotteryPrize } from '../../../entities/lottery/LotteryPrize.ts';
import { leftToWin } from '../leftToWin.ts';
import type { Figures } from './figures.ts';

const HOUR_MS = 3_600_000;
/** Hours up to the last one in which anybody drew: a day and a night. */
export const CONSUMPTION_HOURS = 24;
/** The last moment that is written with four digits of a year. */
const LAST_MS = Date.UTC(9999, 11, 31);

export interface Consumption {
  startMs: number;
  endMs: number;
  hours: number;
}

type Hours = Pick<Figures, 'hours' | 'hourPrizes'>;

/** The time that speeds are of; undefined when nobody has drawn. */
export function consumptionOf({ hours }: Pick<Hours, 'hours'>, nowMs: number): Consumption | undefined {
  const last = hours.at(-1);
  if (last === undefined) return undefined;
  const lastMs = Date.parse(last.starts);
  const first = hours.find(({ starts }) => Date.parse(starts) > lastMs - CONSUMPTION_HOURS * HOUR_MS)!;
  const startMs = Date.parse(first.starts);
  // The last hour may go on still. Of less than an hour nothing is concluded.
  const isGoingOn = nowMs >= lastMs && nowMs < lastMs + HOUR_MS;
  const endMs = Math.max(isGoingOn ? nowMs : lastMs + HOUR_MS, startMs + HOUR_MS);
  return { startMs, endMs, hours: (endMs - startMs) / HOUR_MS };
}

export interface Supply {
  perHour: number;
  hoursLeft: number | null;
  exhaustedAtMs: number | null;
  restock: number | null;
}

export function supplyOf(
  prize: LotteryPrize,
  { hourPrizes }: Pick<Hours, 'hourPrizes'>,
  { consumption, nowMs, endsAtMs }: { consumption: Consumption | undefined; nowMs: number; endsAtMs: number },
): Supply {
  const wins = hourPrizes
    .filter(
      ({ prize_id: id, starts }) =>
        id === prize.prize_id && Date.parse(starts) >= (consumption?.startMs ?? 0),
    )
    .reduce((sum, row) => sum + row.wins, 0);
  const perHour = consumption === undefined ? 0 : wins / consumption.hours;
  const remaining = leftToWin(prize);
  if (remaining === null) return { perHour, hoursLeft: null, exhaustedAtMs: null, restock: null };
  const hoursLeft = remaining === 0 ? 0 : perHour === 0 ? null : remaining / perHour;
  const exhaustedAtMs = hoursLeft === null ? null : nowMs + hoursLeft * HOUR_MS;
  const untilEnd = (Math.max(0, endsAtMs - nowMs) / HOUR_MS) * perHour;
  return {
    perHour,
    hoursLeft,
    exhaustedAtMs: exhaustedAtMs !== null && exhaustedAtMs > LAST_MS ? null : exhaustedAtMs,
    restock: Math.max(0, Math.ceil(untilEnd) - remaining),
  };
}
