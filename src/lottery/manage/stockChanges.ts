/** What a change of a published campaign does to the stock of its prizes. */
import type { Tx } from '../../platform/database/transaction.ts';
import { changeStockTo } from '../stock.ts';
import { keyOf, type CampaignRows } from './document.ts';
import type { CampaignBody } from './documentShapes.ts';
import type { Problem } from './documentProblems.ts';

/** In all, by key. */
export type Stocks = Record<string, number | null>;

export function stocksOf({ prizes }: CampaignRows): Stocks {
  return Object.fromEntries(prizes.map((prize) => [keyOf(prize), prize.total_quantity]));
}

/** A prize cannot have been won more often than there were of it. */
export function stockProblems({ prizes }: CampaignRows, body: CampaignBody): Problem[] {
  const asked = new Map(body.prizes.map(({ key, stock }) => [key, stock]));
  return prizes.flatMap((prize) => {
    const stock = asked.get(keyOf(prize)) ?? null;
    if (stock === null || stock >= prize.won_quantity) return [];
    return [{ path: `prizes.${keyOf(prize)}.stock`, message: `${prize.won_quantity} are won` }];
  });
}

export interface AskedStocks {
  body: CampaignBody;
  /** As the author saw them. */
  stocks: Stocks;
  nowMs: number;
}

/**
 * Moves stocks by what the change asks for, whatever was restocked since it was asked. A prize that is new has what it was stored with.
 * @throws AppError CONFLICT below what is won
 */
export async function changeStocks(
  tx: Tx,
  { campaign, prizes }: CampaignRows,
  { body, stocks, nowMs }: AskedStocks,
): Promise<void> {
  const asked = new Map(body.prizes.map(({ key, stock }) => [key, stock]));
  const totals = prizes.flatMap((prize) => {
    const seen = stocks[keyOf(prize)];
    if (seen === undefined) return [];
    const { total_quantity: total } = prize;
    const stock = asked.get(keyOf(prize)) ?? null;
    return { prize, total: stock !== null && seen !== null && total !== null ? total + stock - seen : stock };
  });
  await changeStockTo(tx, { campaign, nowMs }, totals);
}
