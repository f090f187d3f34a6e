/** What days say that is no chance: of all that is looked at together, one look in a hundred finds something that is none. Pure. */
import { alarmScore } from '../forecast/deviations.ts';
import type { FoundDeviation } from './figures.ts';
import type { Finding } from './finding.ts';
import type { WatchedDay } from './series.ts';

/** Of one false alarm in a look. */
export const RISK = 0.01;
/** Whoever reads of it could not do anything about less. */
const LEAST_SIZE = 0.2;
const LARGE_SIZE = 0.4;
/** Of a few an hour nothing is said. */
const LEAST_EXPECTED = 8;
/** Days that are looked at together for what is slow. */
const WEEK = 7;
const LEAST_SHORTFALL = 0.1;

export interface Look {
  watched: readonly WatchedDay[];
  /** The first day that nobody has looked at, and the last one. */
  from: string;
  to: string;
  /** What else is tested in this look. */
  otherTests: number;
}

export interface Alarms {
  findings: Finding[];
  /** How many were looked at together. */
  tests: number;
}

export function alarmsOf({ watched, from, to, otherTests }: Look): Alarms {
  const single = watched.filter(({ day, measure }) => day >= from && day <= to && !SLOW.has(measure));
  const weeks = weeksOf(watched, to);
  const tests = single.length + weeks.length + otherTests;
  const far = single.filter(({ deviation: { score, measured, value, expected } }) => {
    const isFar = Math.abs(score) > alarmScore({ risk: RISK, tests }, measured);
    return (
      isFar && Math.max(value, expected) >= LEAST_EXPECTED && Math.abs(sizeOf(value, expected)) >= LEAST_SIZE
    );
  });
  return { findings: [...anomaliesOf(far), ...slowOnes(weeks, { tests, day: to })], tests };
}

/** More of them is worse, and one day of them says little. */
const SLOW: ReadonlySet<string> = new Set(['answer_seconds', 'claims_rejected']);

function sizeOf(value: number, expected: number): number {
  return expected === 0 ? value : value / expected - 1;
}

/** What fell or rose on one day is one thing, whatever it is seen by; of a single restaurant only where all are as usual. */
function anomaliesOf(far: readonly WatchedDay[]): Finding[] {
  const groups = Map.groupBy(far, ({ day, restaurant, deviation }) =>
    JSON.stringify([day, Math.sign(deviation.score), restaurant?.id ?? null]),
  );
  return [...groups.values()].flatMap((of): Finding[] => {
    const { day, restaurant, deviation } = of[0]!;
    const direction = deviation.score < 0 ? 'down' : 'up';
    const isOfAll = (one: WatchedDay) =>
      one.restaurant === null && one.day === day && one.deviation.score < 0 === deviation.score < 0;
    if (restaurant !== null && far.some(isOfAll)) return [];
    const deviations = of.map(toFound).sort((a, b) => Math.abs(b.score) - Math.abs(a.score));
    const isLarge = direction === 'down' && deviations.some(({ size }) => Math.abs(size) >= LARGE_SIZE);
    return [
      {
        kind: 'anomaly',
        severity: isLarge ? 'warning' : 'info',
        key: `anomaly:${day}:${direction}:${restaurant?.id ?? 0}`,
        restaurantId: restaurant?.id ?? null,
        day,
        figures: { direction, deviations, restaurant_name: restaurant?.name ?? null },
      },
    ];
  });
}

function toFound({ measure, part, deviation: { value, expected, score } }: WatchedDay): FoundDeviation {
  return { measure, part, ...compared(value, expected, score) };
}

function compared(value: number, expected: number, score: number) {
  const round = (of: number, digits: number) => Number(of.toFixed(digits));
  return {
    value: round(value, 2),
    expected: round(expected, 2),
    size: round(sizeOf(value, expected), 3),
    score: round(score, 1),
  };
}

interface Week {
  of: WatchedDay;
  value: number;
  expected: number;
  score: number;
  measured: number;
}

/** The last seven days of each restaurant, and of answers, as one. */
function weeksOf(watched: readonly WatchedDay[], to: string): Week[] {
  const slow = watched.filter(
    ({ restaurant, measure, day }) => (restaurant !== null || measure === 'answer_seconds') && day <= to,
  );
  const groups = Map.groupBy(slow, ({ measure, restaurant }) => `${measure} ${restaurant?.id ?? 0}`);
  return [...groups.values()].flatMap((days) => {
    const last = days.slice(-WEEK);
    if (last.length < WEEK) return [];
    const sum = (of: (day: WatchedDay) => number) => last.reduce((all, day) => all + of(day), 0);
    return [
      {
        of: last.at(-1)!,
        value: sum(({ deviation }) => deviation.value),
        expected: sum(({ deviation }) => deviation.expected),
        score: sum(({ deviation }) => deviation.score) / Math.sqrt(WEEK),
        measured: last[0]!.deviation.measured,
      },
    ];
  });
}

function slowOnes(weeks: readonly Week[], { tests, day }: { tests: number; day: string }): Finding[] {
  return weeks.flatMap(({ of: { restaurant, measure }, value, expected, score, measured }): Finding[] => {
    if (Math.abs(score) <= alarmScore({ risk: RISK, tests }, measured)) return [];
    if (Math.abs(sizeOf(value, expected)) < LEAST_SHORTFALL) return [];
    if (restaurant !== null && score < 0) {
      const figures = { restaurant_name: restaurant.name, days: WEEK, ...compared(value, expected, score) };
      const restaurantId = restaurant.id;
      const key = `behind:${restaurantId}`;
      return [{ kind: 'restaurant_behind', severity: 'warning', key, restaurantId, day, figures }];
    }
    if (measure === 'answer_seconds' && score > 0) {
      const figures = { days: WEEK, ...compared(value / WEEK, expected / WEEK, score) };
      return [
        { kind: 'answers_slower', severity: 'warning', key: 'answers', restaurantId: null, day, figures },
      ];
    }
    return [];
  });
}
