/** Offers that can be taken now: for whoever recommends them. */
import { In, MoreThan, Not, type EntityManager } from 'typeorm';
import { TradeRecord } from '../../entities/trades/TradeRecord.ts';

/** Newest first. */
export function findOpenOffers(manager: EntityManager, nowMs: number, most: number): Promise<TradeRecord[]> {
  return manager.find(TradeRecord, {
    where: { status: 'open', expires_at: MoreThan(new Date(nowMs)) },
    order: { trade_id: 'DESC' },
    take: most,
  });
}

/** Those of them that somebody can take: open still, and not their own. */
export async function takeableAmong(
  manager: EntityManager,
  { userId, tradeIds }: { userId: number; tradeIds: readonly number[] },
  nowMs: number,
): Promise<ReadonlySet<number>> {
  if (tradeIds.length === 0) return new Set();
  const rows = await manager.find(TradeRecord, {
    select: { trade_id: true },
    where: {
      trade_id: In([...tradeIds]),
      status: 'open',
      expires_at: MoreThan(new Date(nowMs)),
      seller_id: Not(userId),
    },
  });
  return new Set(rows.map(({ trade_id: tradeId }) => tradeId));
}
