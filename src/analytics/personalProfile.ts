/** What is counted of somebody, for themself. */
import { z } from 'zod';
import { AnalyticsUserProfile } from '../../entities/analytics/AnalyticsUserProfile.ts';
import type { Database } from '../platform/database/transaction.ts';
import { timeShape } from '../platform/shapes.ts';

export const exportedActivityShape = z.object({
  activity: z
    .object({
      logins: z.int(),
      last_login_at: timeShape.nullable(),
      actions: z.int(),
      last_action_at: timeShape.nullable(),
      prizes_received: z.int(),
    })
    .meta({ description: 'Counted of what has happened, a moment behind it' }),
});

export async function exportActivity(
  { reader }: Pick<Database, 'reader'>,
  userId: number,
): Promise<z.output<typeof exportedActivityShape>> {
  const row = await reader.findOneBy(AnalyticsUserProfile, { user_id: userId });
  return {
    activity: {
      logins: row?.logins ?? 0,
      last_login_at: row?.last_login_at?.toISOString() ?? null,
      actions: row?.actions ?? 0,
      last_action_at: row?.last_action_at?.toISOString() ?? null,
      prizes_received: row?.prizes_received ?? 0,
    },
  };
}
