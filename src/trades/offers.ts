/** Offering an item for points, and taking an offer (R-4, RA-10). */
import { TradeRecord } from '../../entities/trades/TradeRecord.ts';
import { isActive } from '../identity/people/isActive.ts';
import { changeItem } from '../inventory/changeItem.ts';
import { lockFreeItem } from '../inventory/ownItems.ts';
import { insertOne } from '../platform/database/bulk.ts';
import { sqlTime } from '../platform/database/sqlValues.ts';
import type { Tx } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { LIMITS } from '../platform/limits.ts';
import { toWirePoints } from '../platform/shapes.ts';
import { staleEdit } from '../platform/staleEdit.ts';
import { shareOf } from '../points/shareOf.ts';
import { holdForTrade } from '../points/trades.ts';
import { conflict, lockTrade, pointsOf, tellBoth } from './lockTrade.ts';
import type { TradePolicy } from './settings.ts';

const BASIS_POINTS = 10_000;

export interface Offer {
  sellerId: number;
  itemId: number;
  /** 1/100 points. */
  price: number;
}

/** @throws AppError as `lockFreeItem`, CONFLICT with too many offers */
export async function offerItem(
  tx: Tx,
  { sellerId, itemId, price }: Offer,
  { feeBp, openMs }: Pick<TradePolicy, 'feeBp' | 'openMs'>,
  nowMs: number,
): Promise<TradeRecord> {
  const item = await lockFreeItem(tx, { itemId, userId: sellerId }, nowMs);
  const open = await tx.manager.countBy(TradeRecord, { seller_id: sellerId, status: 'open' });
  if (open >= LIMITS.openTrades)
    throw new AppError('CONFLICT', { details: { reason: 'too_many', limit: LIMITS.openTrades } });
  await changeItem(tx, item, { status: 'locked' });
  const created_at = new Date(nowMs);
  const row = {
    item_id: itemId,
    open_item_id: itemId,
    product_id: item.product_id!,
    item_name: item.item_name,
    seller_id: sellerId,
    buyer_id: null,
    price,
    fee: shareOf(price, { part: feeBp, whole: BASIS_POINTS }),
    status: 'open' as const,
    version: 1,
    expires_at: endOf(item, nowMs + openMs),
    disputed_by: null,
    dispute_reason: null,
    decided_by: null,
    decision_reason: null,
    created_at,
    updated_at: created_at,
  };
  const trade = { trade_id: await insertOne(tx, TradeRecord, row), ...row };
  await tellBoth(tx, 'trade:opened', trade, nowMs);
  return trade;
}

export interface Purchase {
  buyerId: number;
  tradeId: number;
  /** 1/100 points. */
  expectedPrice: number;
  version: number;
}

/**
 * The points are held until the buyer has looked at what they get.
 * @throws AppError NOT_FOUND, POINTS_INSUFFICIENT; CONFLICT for one's own offer, for what is over or taken, and for what has changed
 */
export async function buyOffer(
  tx: Tx,
  purchase: Purchase,
  { escrowMs }: Pick<TradePolicy, 'escrowMs'>,
  nowMs: number,
): Promise<TradeRecord> {
  const { buyerId, tradeId } = purchase;
  const { trade, item } = await lockTrade(tx, { tradeId, buyerId }, (seen) => refuse(seen, purchase, nowMs));
  if (!(await isActive(tx, trade.seller_id))) throw conflict('gone', trade);
  const next = {
    status: 'escrow' as const,
    buyer_id: buyerId,
    version: trade.version + 1,
    expires_at: endOf(item, nowMs + escrowMs),
  };
  const bought = { ...trade, ...next };
  await holdForTrade(tx, pointsOf(bought), nowMs);
  // The table guards it too: one buyer, whoever has forgotten a lock.
  await tx.executeExactly(
    1,
    `UPDATE trade_records SET status = ?, buyer_id = ?, version = ?, expires_at = ?, updated_at = ?
     WHERE trade_id = ? AND status = 'open' AND version = ? AND buyer_id IS NULL`,
    [
      next.status,
      buyerId,
      next.version,
      sqlTime(next.expires_at.getTime()),
      sqlTime(nowMs),
      tradeId,
      trade.version,
    ],
  );
  await tellBoth(tx, 'trade:bought', bought, nowMs);
  return bought;
}

function refuse(trade: TradeRecord, { buyerId, expectedPrice, version }: Purchase, nowMs: number): void {
  if (trade.seller_id === buyerId) throw conflict('own', trade);
  if (trade.version !== version || trade.price !== expectedPrice)
    throw staleEdit(
      {
        trade_id: trade.trade_id,
        status: trade.status,
        version: trade.version,
        price: toWirePoints(trade.price),
      },
      { version, price: toWirePoints(expectedPrice) },
    );
  if (trade.status !== 'open') throw conflict(trade.status, trade);
  if (trade.expires_at.getTime() <= nowMs) throw conflict('expired', trade);
}

/** Nobody is sold, or kept waiting for, what is over by then. */
function endOf({ expires_at: itemEnd }: { expires_at: Date | null }, endMs: number): Date {
  return new Date(Math.min(endMs, itemEnd?.getTime() ?? endMs));
}
