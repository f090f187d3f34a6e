/** How a trade ends (R-4, RA-10): settled, cancelled or expired, once; or disputed, until somebody has decided. */
import { In, LessThanOrEqual } from 'typeorm';
import { TradeRecord, type TradeStatus } from '../../entities/trades/TradeRecord.ts';
import { recordAction } from '../admin/adminLog.ts';
import { isActive } from '../identity/people/isActive.ts';
import { changeItem } from '../inventory/changeItem.ts';
import type { ItemCodes } from '../inventory/codes.ts';
import { moveItem } from '../inventory/ownItems.ts';
import { apiKeyIdOf, type Actor } from '../platform/caller.ts';
import { sqlTime } from '../platform/database/sqlValues.ts';
import type { Database, Tx } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { LIMITS } from '../platform/limits.ts';
import { payTrade, releaseTrade } from '../points/trades.ts';
import {
  conflict,
  lockTrade,
  pointsOf,
  refuseOver,
  tellBoth,
  voidReview,
  type LockedTrade,
} from './lockTrade.ts';

type Codes = Pick<ItemCodes, 'forget'>;

/**
 * The seller takes it back, whether or not somebody has bought it.
 * @throws AppError NOT_FOUND for who does not sell it, CONFLICT once it is over or disputed
 */
export async function cancelTrade(
  tx: Tx,
  { sellerId, tradeId }: { sellerId: number; tradeId: number },
  nowMs: number,
): Promise<TradeRecord> {
  const held = await lockTrade(tx, { tradeId }, (trade) => {
    if (trade.seller_id !== sellerId) throw new AppError('NOT_FOUND');
    if (trade.status !== 'open' && trade.status !== 'escrow') throw conflict(trade.status, trade);
  });
  return giveBack(tx, held, { status: 'cancelled' }, nowMs);
}

/**
 * Either of the two is not content: nothing moves until the administration has decided.
 * @throws AppError NOT_FOUND for others, CONFLICT where nothing is in escrow
 */
export async function disputeTrade(
  tx: Tx,
  { userId, tradeId, reason }: { userId: number; tradeId: number; reason: string },
  nowMs: number,
): Promise<TradeRecord> {
  const held = await lockTrade(tx, { tradeId }, (trade) => {
    if (trade.buyer_id !== userId && trade.seller_id !== userId) throw new AppError('NOT_FOUND');
    refuseOver(trade, nowMs);
  });
  await voidReview(tx, held, nowMs);
  const said = { status: 'disputed' as const, disputed_by: userId, dispute_reason: reason };
  const disputed = await change(tx, held.trade, said, nowMs);
  await tellBoth(tx, 'trade:disputed', disputed, nowMs);
  return disputed;
}

export interface TradeDecision {
  actor: Actor;
  tradeId: number;
  decision: 'settle' | 'cancel';
  reason: string;
}

/**
 * Neither of the two decides, nor a machine, which may be of one of them (RA-3).
 * @throws AppError NOT_FOUND, FORBIDDEN, CONFLICT where nothing is disputed
 */
export async function decideDispute(
  tx: Tx,
  codes: Codes,
  { actor, tradeId, decision, reason }: TradeDecision,
  nowMs: number,
): Promise<TradeRecord> {
  const held = await lockTrade(tx, { tradeId }, (trade) => {
    const people = [trade.seller_id, trade.buyer_id];
    if (apiKeyIdOf(actor.userId) !== undefined || people.includes(actor.userId))
      throw new AppError('FORBIDDEN');
    if (trade.status !== 'disputed') throw conflict(trade.status, trade);
  });
  const decided = { decided_by: actor.userId, decision_reason: reason };
  const after = await (decision === 'settle'
    ? settleTrade(tx, codes, held, decided, nowMs)
    : giveBack(tx, held, { status: 'cancelled', ...decided }, nowMs));
  const target = { type: 'trade', id: tradeId };
  const change = { before: { status: 'disputed' }, after: { status: after.status, reason } };
  await recordAction(tx, { actor, action: 'trade.decide', target, ...change }, nowMs);
  return after;
}

/**
 * The points are the seller's, the item the buyer's, who is content, or told by somebody else to be.
 * @throws AppError CONFLICT when its seller is gone
 */
export async function settleTrade(
  tx: Tx,
  codes: Codes,
  { trade, item, accounts }: LockedTrade,
  decided: Decided,
  nowMs: number,
): Promise<TradeRecord> {
  if (!(await isActive(tx, trade.seller_id))) throw conflict('gone', trade);
  const points = pointsOf(trade);
  await payTrade(tx, { trade: points, accounts }, nowMs);
  await moveItem(tx, codes, { item, toUserId: points.buyerId });
  const settled = await change(tx, trade, { status: 'settled', open_item_id: null, ...decided }, nowMs);
  await tellBoth(tx, 'trade:settled', settled, nowMs);
  return settled;
}

/** What nobody has bought, or settled, in its time. Every node looks; each ends once, and one that cannot keeps no other waiting. */
export async function expireTrades(
  { database, nowMs }: { database: Database; nowMs: number },
  onFailure: (tradeId: number, error: unknown) => void,
  stopping?: AbortSignal,
): Promise<void> {
  const due = await database.currentReader.find(TradeRecord, {
    select: { trade_id: true },
    where: { status: In<TradeStatus>(['open', 'escrow']), expires_at: LessThanOrEqual(new Date(nowMs)) },
    order: { expires_at: 'ASC', trade_id: 'ASC' },
    take: LIMITS.itemsPerExpiry,
  });
  for (const { trade_id: tradeId } of due) {
    if (stopping?.aborted === true) return;
    try {
      await database.retryingTransaction((tx) => expire(tx, tradeId, nowMs));
    } catch (error) {
      // Somebody else was faster, and has ended it.
      if (!(error instanceof AppError && error.code === 'CONFLICT')) onFailure(tradeId, error);
    }
  }
}

async function expire(tx: Tx, tradeId: number, nowMs: number): Promise<void> {
  const held = await lockTrade(tx, { tradeId }, (trade) => {
    const isDue = trade.expires_at.getTime() <= nowMs;
    if (!isDue || (trade.status !== 'open' && trade.status !== 'escrow')) throw conflict(trade.status, trade);
  });
  await giveBack(tx, held, { status: 'expired' }, nowMs);
}

type Decided = Partial<Pick<TradeRecord, 'decided_by' | 'decision_reason'>>;

/** Both have again what they had. */
async function giveBack(
  tx: Tx,
  { trade, item, accounts }: LockedTrade,
  end: Decided & { status: 'cancelled' | 'expired' },
  nowMs: number,
): Promise<TradeRecord> {
  if (trade.buyer_id !== null) {
    await releaseTrade(tx, { trade: pointsOf(trade), accounts }, nowMs);
    await voidReview(tx, { trade }, nowMs);
  }
  await changeItem(tx, item, { status: 'available' });
  const ended = await change(tx, trade, { ...end, open_item_id: null }, nowMs);
  await tellBoth(tx, `trade:${end.status}`, ended, nowMs);
  return ended;
}

type Changed = Partial<
  Pick<TradeRecord, 'open_item_id' | 'disputed_by' | 'dispute_reason' | 'decided_by' | 'decision_reason'>
> & { status: TradeStatus };

/** One statement that finds the trade as it was locked, or fails: it ends once (RA-10). */
async function change(tx: Tx, trade: TradeRecord, changed: Changed, nowMs: number): Promise<TradeRecord> {
  const next = { ...changed, version: trade.version + 1 };
  const columns = Object.entries(next);
  await tx.executeExactly(
    1,
    `UPDATE trade_records SET ${columns.map(([name]) => `${name} = ?`).join(', ')}, updated_at = ?
     WHERE trade_id = ? AND status = ? AND version = ?`,
    [...columns.map(([, value]) => value), sqlTime(nowMs), trade.trade_id, trade.status, trade.version],
  );
  return { ...trade, ...next, updated_at: new Date(nowMs) };
}
