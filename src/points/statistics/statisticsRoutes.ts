import { z } from 'zod';
import { maskNickname } from '../../identity/login/mask.ts';
import { businessDayOf } from '../../platform/clock.ts';
import { identityOf, route, type Route } from '../../platform/http/route.ts';
import { idShape, integerText, pointsShape, toWirePoints } from '../../platform/shapes.ts';
import type { PointsServices } from '../moneyRoutes.ts';
import { endOf, PERIODS, startOf } from './periods.ts';
import { earningsCounter } from './openEarnings.ts';
import { readDays, readRanking, type DaySums } from './readSums.ts';

const periodShape = z.enum(PERIODS);
const dayShape = z.iso.date();

const leaderboardQuery = z.strictObject({
  period: periodShape.default('day'),
  limit: integerText({ min: 1, max: 100 }).default(50),
});
const leaderboardShape = z.object({
  period: periodShape,
  starts: dayShape,
  items: z.array(
    z.object({ rank: z.int().min(1), user_id: idShape, nickname: z.string(), points: pointsShape }),
  ),
  /** Exact to 1,000; every place behind is told as 1001. null: nothing earned. */
  me: z.object({ rank: z.int().min(1).nullable(), points: pointsShape }),
});

const statisticsQuery = z.strictObject({
  period: periodShape.default('day'),
  type: z.enum(['total', 'source', 'trend']).default('total'),
  date: dayShape.optional(),
});
const sums = { income: pointsShape, expense: pointsShape, net: pointsShape };
const statisticsShape = z.object({
  period: periodShape,
  starts: dayShape,
  ends: dayShape,
  /** Today is in it. */
  is_incomplete: z.boolean(),
  ...sums,
  sources: z.array(z.object({ source: z.string(), points: pointsShape })).optional(),
  days: z.array(z.object({ day: dayShape, ...sums })).optional(),
});

export function statisticsRoutes(services: PointsServices): Route[] {
  return [leaderboardRoute(services), statisticsRoute(services)];
}

function leaderboardRoute({ database, clock, config }: PointsServices): Route {
  const countEarnings = earningsCounter({ database, clock });
  return route({
    method: 'get',
    path: '/points/leaderboard',
    access: 'user',
    summary: 'Who has earned most today, this week from Monday, or this month, and my own place',
    query: leaderboardQuery,
    data: leaderboardShape,
    handle: async (input) => {
      const { period, limit } = input.query;
      const starts = startOf(period, businessDayOf(clock.nowMs(), config.businessTimezone));
      const { userId } = identityOf(input);
      await countEarnings();
      const { items, mine } = await readRanking(database, { period, starts, limit, userId });
      return {
        data: {
          period,
          starts,
          items: items.map((item) => ({
            rank: item.rank,
            user_id: item.userId,
            nickname: maskNickname(item.nickname),
            points: toWirePoints(item.earnedHundredths),
          })),
          me: { rank: mine.rank, points: toWirePoints(mine.earnedHundredths) },
        },
      };
    },
  });
}

function statisticsRoute({ database, clock, config }: PointsServices): Route {
  return route({
    method: 'get',
    path: '/points/statistics',
    access: 'user',
    summary: 'What I gained and spent in a day, week or month: in all, by source, or day by day',
    query: statisticsQuery,
    data: statisticsShape,
    handle: async (input) => {
      const today = businessDayOf(clock.nowMs(), config.businessTimezone);
      const { period, type, date = today } = input.query;
      const [starts, ends] = [startOf(period, date), endOf(period, date)];
      const days = await readDays(database, identityOf(input).userId, { from: starts, to: ends });
      const data = { period, starts, ends, is_incomplete: ends >= today, ...sumOf(days) };
      if (type === 'source') return { data: { ...data, sources: sourcesOf(days) } };
      if (type === 'trend') return { data: { ...data, days: trendOf(days) } };
      return { data };
    },
  });
}

function sumOf(days: readonly DaySums[]) {
  const income = days.reduce((sum, { incomeHundredths }) => sum + incomeHundredths, 0);
  const expense = days.reduce((sum, { expenseHundredths }) => sum + expenseHundredths, 0);
  return {
    income: toWirePoints(income),
    expense: toWirePoints(expense),
    net: toWirePoints(income - expense),
  };
}

/** Of what was gained, the largest first. */
function sourcesOf(days: readonly DaySums[]) {
  return [...Map.groupBy(days, ({ source }) => source)]
    .map(([source, of]) => ({ source, points: sumOf(of).income }))
    .filter(({ points }) => points > 0)
    .sort((a, b) => b.points - a.points);
}

/** Days without any are left out. */
function trendOf(days: readonly DaySums[]) {
  return [...Map.groupBy(days, ({ day }) => day)].map(([day, of]) => ({ day, ...sumOf(of) }));
}
