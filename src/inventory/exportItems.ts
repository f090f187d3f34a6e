import { z } from 'zod';
import { UserInventory } from '../../entities/inventory/UserInventory.ts';
import type { Database } from '../platform/database/transaction.ts';
import { pointsShape, timeShape, toWirePoints } from '../platform/shapes.ts';

export const ownedItemShape = z.object({
  item_id: z.int(),
  source: z.string(),
  type: z.string(),
  name: z.string(),
  value: pointsShape,
  campaign_id: z.int().nullable(),
  prize_id: z.int().nullable(),
  draw_id: z.int().nullable(),
  status: z.string(),
  expires_at: timeShape.nullable(),
  created_at: timeShape,
});
type OwnedItem = z.output<typeof ownedItemShape>;

/** What a user owns, for themself, newest first. */
export async function readItems(database: Database, userId: number, limit: number): Promise<OwnedItem[]> {
  const items = await database.reader.find(UserInventory, {
    where: { user_id: userId },
    order: { inventory_id: 'DESC' },
    take: limit,
  });
  return items.map((item) => ({
    item_id: item.inventory_id,
    source: item.source,
    type: item.item_type,
    name: item.item_name,
    value: toWirePoints(item.item_value),
    campaign_id: item.campaign_id,
    prize_id: item.prize_id,
    draw_id: item.draw_id,
    status: item.status,
    expires_at: item.expires_at?.toISOString() ?? null,
    created_at: item.created_at.toISOString(),
  }));
}
