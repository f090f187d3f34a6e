/** What somebody has had to do with, for themself. */
import { z } from 'zod';
import { AnalyticsInteraction, ITEM_TYPES } from '../../../entities/analytics/AnalyticsInteraction.ts';
import type { Database } from '../../platform/database/transaction.ts';
import { idShape, newest, newestOf, timeShape } from '../../platform/shapes.ts';

export const exportedInteractionsShape = z.object({
  interactions: newestOf(
    z.object({
      item_type: z.enum(ITEM_TYPES),
      item_id: idShape,
      entries: z.int(),
      first_at: timeShape,
      last_at: timeShape,
    }),
  ),
});

/** What they last had to do with first. */
export async function exportInteractions(
  { reader }: Pick<Database, 'reader'>,
  userId: number,
  limit: number,
): Promise<z.output<typeof exportedInteractionsShape>> {
  const rows = await reader.find(AnalyticsInteraction, {
    where: { user_id: userId },
    order: { last_at: 'DESC', item_type: 'ASC', item_id: 'ASC' },
    take: limit + 1,
  });
  const interactions = rows.map(({ item_type, item_id, entries, first_at, last_at }) => ({
    ...{ item_type, item_id, entries },
    first_at: first_at.toISOString(),
    last_at: last_at.toISOString(),
  }));
  return { interactions: newest(interactions, limit) };
}
