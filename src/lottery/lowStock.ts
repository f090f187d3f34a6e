/** Tells once when a prize is about to run out; after a restock that is more than a little, once more. */
import type { NewEvent } from '../platform/events/outbox.ts';
import type { ShownStock } from './leftToWin.ts';
import type { Pool } from './pool.ts';

export interface StockMove {
  campaignId: number;
  prizeId: number;
  before: ShownStock;
  after: ShownStock;
}

/** None but for a move from above a tenth of all to a tenth or less. */
export function lowStockEvents({ campaignId, prizeId, before, after }: StockMove): NewEvent[] {
  if (isLow(before) || !isLow(after)) return [];
  const data = { campaign_id: campaignId, prize_id: prizeId, ...after };
  return [{ type: 'lottery:stock_low', userId: null, data }];
}

/** Of what a batch has won. */
export function lowStockOf(before: Pool, after: Pool, won: Iterable<number>): NewEvent[] {
  return [...won].flatMap((prizeId) => {
    const total = before.prizes.get(prizeId)?.total ?? null;
    const shown = ({ stock }: Pool): ShownStock => ({ remaining: stock.get(prizeId) ?? null, total });
    const { campaignId } = before;
    return lowStockEvents({ campaignId, prizeId, before: shown(before), after: shown(after) });
  });
}

/** A tenth or less of it is left. */
export function isLow({ remaining, total }: ShownStock): boolean {
  return remaining !== null && total !== null && remaining * 10 <= total;
}
