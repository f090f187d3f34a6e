/** Points of a trade: held of the buyer, then paid to the seller without the fee, or given back. */
import { PointsHold } from '../../entities/points/PointsHold.ts';
import type { Tx } from '../platform/database/transaction.ts';
import { commitHold, freeze, releaseHold, type Moved } from './holds.ts';
import { Postings, type lockAccounts } from './ledger.ts';
import type { LotPart } from './lotBook.ts';

export interface TradePoints {
  tradeId: number;
  buyerId: number;
  sellerId: number;
  /** 1/100 points, of which the fee goes to nobody. */
  price: number;
  fee: number;
  /** What is traded, for people. */
  name: string;
}

type Held = Awaited<ReturnType<typeof lockAccounts>>;

/** @throws AppError NOT_FOUND, POINTS_INSUFFICIENT */
export function holdForTrade(
  tx: Tx,
  { tradeId, buyerId, price, name }: TradePoints,
  nowMs: number,
): Promise<Moved & { holdId: number }> {
  const asked = { userId: buyerId, amountHundredths: price, reason: name, expiresAtMs: null, tradeId };
  return freeze(tx, asked, nowMs);
}

/**
 * Both rows. The points keep the ends they had, as those of a transfer: who sells to themself through others prolongs nothing
 * (RP-9); nor is anything earned by it. The fee is of those that the buyer would have spent last.
 * @param accounts both of them
 */
export async function payTrade(
  tx: Tx,
  { trade, accounts }: { trade: TradePoints; accounts: Held },
  nowMs: number,
): Promise<void> {
  const { tradeId, buyerId, sellerId, price, fee, name } = trade;
  const hold = await holdOf(tx, trade);
  const piece = { userId: buyerId, from: hold.spent_from, to: hold.spent_from + hold.held };
  const postings = await Postings.open(tx, accounts, nowMs, { lotsOf: [buyerId], pieces: [piece] });
  const taken = postings.books.get(buyerId)!.takenBy(piece.from, piece.to);
  const shared = { source: 'trade', reason: name, relatedId: String(tradeId) };
  const at = await commitHold(tx, postings, { ...shared, userId: buyerId, type: 'trade_out', hold }, nowMs);
  const share = price - fee;
  const entry = { ...shared, userId: sellerId, type: 'trade_in', amountHundredths: share };
  const parts = firstOf(taken, share);
  const inAt = postings.addInLots(
    entry,
    parts.map(({ lot: { expiresAtMs }, amount }) => ({ expiresAtMs, amountHundredths: amount })),
  );
  await postings.storeNamed(tx, [at, inAt]);
}

/** Back to the lots they came from. */
export async function releaseTrade(
  tx: Tx,
  { trade, accounts }: { trade: TradePoints; accounts: Held },
  nowMs: number,
): Promise<void> {
  await releaseHold(tx, { hold: await holdOf(tx, trade), accounts, reason: trade.name }, nowMs);
}

function holdOf({ manager }: Tx, { tradeId, buyerId }: TradePoints): Promise<PointsHold> {
  return manager.findOneByOrFail(PointsHold, { user_id: buyerId, status: 'held', trade_id: tradeId });
}

function firstOf(parts: readonly LotPart[], amount: number): LotPart[] {
  let left = amount;
  return parts.flatMap((part) => {
    const taken = Math.min(left, part.amount);
    left -= taken;
    return taken === 0 ? [] : [{ ...part, amount: taken }];
  });
}
