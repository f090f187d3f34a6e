import { insertRows } from '../platform/database/bulk.ts';
import { sqlPoints, sqlTime } from '../platform/database/sqlValues.ts';
import type { Tx } from '../platform/database/transaction.ts';

const ITEMS = {
  table: 'user_inventories',
  columns: [
    'user_id',
    'source',
    'item_type',
    'item_name',
    'item_value',
    'campaign_id',
    'prize_id',
    'draw_id',
    'status',
    'created_at',
  ],
} as const;

export interface WonItem {
  userId: number;
  drawId: number;
  prizeId: number;
  type: string;
  name: string;
  /** 1/100 points. */
  value: number;
}

export async function giveWonItems(
  tx: Tx,
  campaignId: number,
  items: readonly WonItem[],
  nowMs: number,
): Promise<void> {
  const at = sqlTime(nowMs);
  await insertRows(
    tx,
    ITEMS,
    items.map((item) => [
      item.userId,
      'lottery',
      item.type,
      item.name,
      sqlPoints(item.value),
      campaignId,
      item.prizeId,
      item.drawId,
      'available',
      at,
    ]),
  );
}
