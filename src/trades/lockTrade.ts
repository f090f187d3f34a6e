/*
 * A trade as it is while everything that it moves is held (DRAW-9): the account of its buyer, and of its seller where points may come
 * to them, then the item, then the trade. Whose accounts those are is known only from the trade, so it is read before, and must be
 * the same afterwards.
 */
import { TradeRecord } from '../../entities/trades/TradeRecord.ts';
import { voidApprovals } from '../approvals/approvals.ts';
import type { ItemRow } from '../inventory/changeItem.ts';
import { lockExchangedItem } from '../inventory/ownItems.ts';
import type { Tx } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { emitEvents } from '../platform/events/outbox.ts';
import type { EventType } from '../platform/events/types.ts';
import { toWirePoints } from '../platform/shapes.ts';
import { lockAccounts } from '../points/ledger.ts';
import type { TradePoints } from '../points/trades.ts';

export interface LockedTrade {
  trade: TradeRecord;
  item: ItemRow;
  accounts: Awaited<ReturnType<typeof lockAccounts>>;
}

/**
 * @param refuse what is wrong about it, before anything is locked and again when all is
 * @param buyerId who is about to become the buyer
 * @throws AppError NOT_FOUND, CONFLICT when somebody else has changed it at this moment
 */
export async function lockTrade(
  tx: Tx,
  { tradeId, buyerId }: { tradeId: number; buyerId?: number },
  refuse: (trade: TradeRecord) => void,
): Promise<LockedTrade> {
  const found = await tx.manager.findOneBy(TradeRecord, { trade_id: tradeId });
  if (found === null) throw new AppError('NOT_FOUND');
  refuse(found);
  const buyer = buyerId ?? found.buyer_id;
  const accounts = await lockAccounts(tx, buyer === null ? [] : [buyer, found.seller_id]);
  const item = await lockExchangedItem(tx, found.item_id);
  const [trade] = await tx.lock(TradeRecord, { where: { trade_id: tradeId } });
  if (item === undefined || trade === undefined) throw new Error('A trade has lost its item');
  refuse(trade);
  if (trade.version !== found.version) throw conflict('changed', trade);
  return { trade, item, accounts };
}

/** @throws AppError CONFLICT unless it is in escrow, and has time */
export function refuseOver(trade: TradeRecord, nowMs: number): void {
  if (trade.status !== 'escrow') throw conflict(trade.status, trade);
  if (trade.expires_at.getTime() <= nowMs) throw conflict('expired', trade);
}

/** The kind of requests to settle a trade that a second person looks at: reviews.ts. */
export const SETTLE = 'trade.settle';

/** What waits about a trade that goes another way does not any more. */
export function voidReview(tx: Tx, { trade }: Pick<LockedTrade, 'trade'>, nowMs: number): Promise<void> {
  return voidApprovals(tx, trade.trade_id, [SETTLE], nowMs);
}

export function conflict(reason: string, { status, version, price }: TradeRecord): AppError {
  return new AppError('CONFLICT', { details: { reason, status, version, price: toWirePoints(price) } });
}

export function pointsOf({ trade_id, buyer_id, seller_id, price, fee, item_name }: TradeRecord): TradePoints {
  if (buyer_id === null) throw new Error('A trade without a buyer moves no points');
  return { tradeId: trade_id, buyerId: buyer_id, sellerId: seller_id, price, fee, name: item_name };
}

type TradeEvent = Extract<EventType, `trade:${string}`>;

/** Both are told, as far as there are two. */
export async function tellBoth(tx: Tx, type: TradeEvent, trade: TradeRecord, nowMs: number): Promise<void> {
  const { seller_id, buyer_id } = trade;
  const data = {
    trade_id: trade.trade_id,
    item_id: trade.item_id,
    product_id: trade.product_id,
    name: trade.item_name,
    seller_id,
    buyer_id,
    price: toWirePoints(trade.price),
    fee: toWirePoints(trade.fee),
  };
  const people = buyer_id === null ? [seller_id] : [seller_id, buyer_id];
  await emitEvents(
    tx,
    people.map((userId) => ({ type, userId, data })),
    nowMs,
  );
}
