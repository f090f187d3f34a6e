import { z } from 'zod';
import { ownedItemShape, readItems } from '../inventory/exportItems.ts';
import type { Database } from '../platform/database/transaction.ts';
import { newest, newestOf } from '../platform/shapes.ts';
import { listDraws } from './history.ts';
import { drawnRecordShape } from './views.ts';

export const exportedDrawsShape = z.object({
  draws: newestOf(drawnRecordShape),
  items: newestOf(ownedItemShape),
});

/** What a user drew and won, for themself, newest first. The proof of each draw is public by its id. */
export async function exportDraws(
  database: Database,
  userId: number,
  limit: number,
): Promise<z.output<typeof exportedDrawsShape>> {
  const [draws, items] = await Promise.all([
    listDraws(database, { userId, campaignId: undefined, page: 1, limit }),
    readItems(database, userId, limit + 1),
  ]);
  return {
    draws: { items: draws.items, truncated: draws.total > draws.items.length },
    items: newest(items, limit),
  };
}
