import { z } from 'zod';
import { identityOf, route, type Route } from '../../platform/http/route.ts';
import { movedOnce } from '../../platform/http/movedOnce.ts';
import { currentOf, type PointsServices } from '../moneyRoutes.ts';
import { checkInShape } from '../messages.ts';
import { checkInPolicyOf } from '../settings.ts';
import { checkInToWire } from '../wire.ts';
import { checkIn, readMonth, readStreak } from './checkIn.ts';

const monthQuery = z.strictObject({
  month: z
    .string()
    .regex(/^20\d\d-(0[1-9]|1[0-2])$/, 'must be YYYY-MM')
    .optional()
    .meta({ description: 'This month, unless given', example: '2026-03' }),
});
const monthShape = z.object({
  month: z.string(),
  days: z.array(checkInShape),
  streak: z.int().meta({ description: 'Days in a row up to now; today may still be missing' }),
  checked_in_today: z.boolean(),
});

export function checkInRoutes(services: PointsServices): Route[] {
  return [
    route({
      method: 'post',
      path: '/points/check-in',
      access: 'user',
      summary: 'Check in, once on each business day',
      idempotencyKey: 'optional',
      refusals: ['NOT_FOUND', 'CONFLICT'],
      data: checkInShape,
      handle: (input) =>
        movedOnce(services, input, async (tx, userId, nowMs) =>
          checkInToWire(await checkIn(tx, userId, checkInPolicyOf(services), nowMs)),
        ),
    }),
    route({
      method: 'get',
      path: '/points/check-in',
      access: 'user',
      summary: 'The calendar of my check-ins',
      query: monthQuery,
      data: monthShape,
      handle: async (input) => {
        const nowMs = services.clock.nowMs();
        const { manager, dayOf } = currentOf(services);
        const { userId } = identityOf(input);
        const { month = dayOf(nowMs).slice(0, 7) } = input.query;
        const [days, { streak, isDoneToday }] = await Promise.all([
          readMonth(manager, userId, month),
          readStreak({ manager, dayOf }, userId, nowMs),
        ]);
        return { data: { month, days: days.map(checkInToWire), streak, checked_in_today: isDoneToday } };
      },
    }),
  ];
}
