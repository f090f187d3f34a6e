import { UserInventory } from '../../entities/inventory/UserInventory.ts';
import { insertAll } from '../platform/database/bulk.ts';
import type { Tx } from '../platform/database/transaction.ts';

export interface WonItem {
  userId: number;
  drawId: number;
  prizeId: number;
  type: string;
  name: string;
  /** 1/100 points. */
  value: number;
  /** Of the pool of its prize; null: its code is made by us. */
  couponNo: number | null;
}

/** What the items of one batch have in common. */
export interface Winning {
  campaignId: number;
  nowMs: number;
  /** By when they must be claimed; null: whenever. */
  expiresAtMs: number | null;
}

export async function giveWonItems(
  tx: Tx,
  { campaignId, nowMs, expiresAtMs }: Winning,
  items: readonly WonItem[],
): Promise<void> {
  const created_at = new Date(nowMs);
  const expires_at = expiresAtMs === null ? null : new Date(expiresAtMs);
  await insertAll(
    tx,
    UserInventory,
    items.map((item) => ({
      user_id: item.userId,
      source: 'lottery',
      item_type: item.type,
      item_name: item.name,
      item_value: item.value,
      campaign_id: campaignId,
      prize_id: item.prizeId,
      draw_id: item.drawId,
      coupon_no: item.couponNo,
      status: 'unclaimed',
      expires_at,
      created_at,
    })),
  );
}
