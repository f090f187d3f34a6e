/** What is counted of somebody, for themself. */
import { z } from 'zod';
import { AnalyticsUserProfile } from '../../entities/analytics/AnalyticsUserProfile.ts';
import { AnalyticsUserDay } from '../../entities/analytics/AnalyticsUserDay.ts';
import type { Database } from '../platform/database/transaction.ts';
import { timeShape } from '../platform/shapes.ts';
import { DEEDS, NO_DEEDS, type Deeds } from './deeds.ts';

const countsShape = Object.fromEntries(DEEDS.map((name) => [name, z.int()])) as Record<
  (typeof DEEDS)[number],
  z.ZodInt
>;

export const exportedActivityShape = z.object({
  activity: z
    .object({
      logins: z.int(),
      last_login_at: timeShape.nullable(),
      actions: z.int(),
      last_action_at: timeShape.nullable(),
      prizes_received: z.int(),
      ...countsShape,
      spent: z.number().meta({ description: 'In yuan, without what was given back' }),
      first_active_at: timeShape.nullable(),
      last_active_at: timeShape.nullable(),
      days: z.array(
        z.object({
          day: z.iso.date(),
          hours: z.array(z.int()).meta({ description: 'Of the day, in which something was done' }),
          ...countsShape,
          spent: z.number(),
        }),
      ),
    })
    .meta({ description: 'Counted of what has happened, a moment behind it' }),
});

export async function exportActivity(
  { reader }: Pick<Database, 'reader'>,
  userId: number,
): Promise<z.output<typeof exportedActivityShape>> {
  const row = await reader.findOneBy(AnalyticsUserProfile, { user_id: userId });
  // No more than are kept.
  const days = await reader.find(AnalyticsUserDay, { where: { user_id: userId }, order: { day: 'DESC' } });
  return {
    activity: {
      logins: row?.logins ?? 0,
      last_login_at: row?.last_login_at?.toISOString() ?? null,
      actions: row?.actions ?? 0,
      last_action_at: row?.last_action_at?.toISOString() ?? null,
      prizes_received: row?.prizes_received ?? 0,
      ...countsOf(row ?? NO_DEEDS),
      spent: (row?.spent ?? 0) / 100,
      first_active_at: row?.first_active_at?.toISOString() ?? null,
      last_active_at: row?.last_active_at?.toISOString() ?? null,
      days: days.map((day) => ({
        day: day.day,
        hours: HOURS.filter((hour) => ((day.hours >> hour) & 1) === 1),
        ...countsOf(day),
        spent: day.spent / 100,
      })),
    },
  };
}

const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

function countsOf(row: Deeds): Deeds {
  return Object.fromEntries(DEEDS.map((name) => [name, row[name]])) as unknown as Deeds;
}
