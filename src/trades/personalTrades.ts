/** A person's own trades: for themself, and when they leave. */
import { In, type EntityManager } from 'typeorm';
import { z } from 'zod';
import { TradeRecord, type TradeStatus } from '../../entities/trades/TradeRecord.ts';
import type { Database, Tx } from '../platform/database/transaction.ts';
import { newest, newestOf } from '../platform/shapes.ts';
import { cancelTrade } from './endTrade.ts';
import { tradeShape } from './messages.ts';
import { tradeViews } from './wire.ts';

export const exportedTradesShape = z.object({ trades: newestOf(tradeShape) });

/** What a user has offered and bought, newest first. */
export async function exportTrades(
  { reader }: Pick<Database, 'reader'>,
  userId: number,
  limit: number,
): Promise<z.output<typeof exportedTradesShape>> {
  const more = { order: { trade_id: 'DESC' }, take: limit + 1 } as const;
  const [sold, bought] = await Promise.all([
    reader.find(TradeRecord, { where: { seller_id: userId }, ...more }),
    reader.find(TradeRecord, { where: { buyer_id: userId }, ...more }),
  ]);
  const all = [...sold, ...bought].sort((a, b) => b.trade_id - a.trade_id);
  return { trades: newest(await tradeViews(reader, all.slice(0, limit + 1), userId), limit) };
}

/** Whether a trade of theirs is bought, and not over: points are held for it. */
export function hasBoughtTrades(manager: EntityManager, userId: number): Promise<boolean> {
  const status = In<TradeStatus>(['escrow', 'disputed']);
  return manager.existsBy(TradeRecord, [
    { seller_id: userId, status },
    { buyer_id: userId, status },
  ]);
}

/**
 * Their offers are taken back. What is in escrow ends in its time: both have again what they had.
 * @throws AppError CONFLICT when somebody takes one at this moment
 */
export async function leaveTrades(tx: Tx, userId: number, nowMs: number): Promise<void> {
  const open = await tx.manager.find(TradeRecord, {
    where: { seller_id: userId, status: 'open' },
    order: { item_id: 'ASC' },
  });
  for (const { trade_id: tradeId } of open) await cancelTrade(tx, { sellerId: userId, tradeId }, nowMs);
}
