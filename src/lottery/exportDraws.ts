import { z } from 'zod';
import { fromSqlPoints, fromSqlTime } from '../platform/database/sqlValues.ts';
import type { Database } from '../platform/database/transaction.ts';
import { newest, newestOf, pointsShape, timeShape, toWirePoints, toWireTime } from '../platform/shapes.ts';
import { listDraws } from './history.ts';
import { drawnRecordShape } from './views.ts';

const ownedItemShape = z.object({
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

interface ItemRow {
  inventory_id: number;
  source: string;
  item_type: string;
  item_name: string;
  item_value: string | number;
  campaign_id: number | null;
  prize_id: number | null;
  draw_id: number | string | null;
  status: string;
  expires_at: Date | string | null;
  created_at: Date | string;
}

async function readItems(database: Database, userId: number, limit: number): Promise<OwnedItem[]> {
  const rows = await database.read<ItemRow>(
    `SELECT inventory_id, source, item_type, item_name, item_value, campaign_id, prize_id, draw_id, status,
            expires_at, created_at
       FROM user_inventories WHERE user_id = ? ORDER BY inventory_id DESC LIMIT ?`,
    [userId, limit],
  );
  return rows.map((row) => ({
    item_id: row.inventory_id,
    source: row.source,
    type: row.item_type,
    name: row.item_name,
    value: toWirePoints(fromSqlPoints(row.item_value)),
    campaign_id: row.campaign_id,
    prize_id: row.prize_id,
    draw_id: row.draw_id === null ? null : Number(row.draw_id),
    status: row.status,
    expires_at: row.expires_at === null ? null : toWireTime(fromSqlTime(row.expires_at)),
    created_at: toWireTime(fromSqlTime(row.created_at)),
  }));
}
