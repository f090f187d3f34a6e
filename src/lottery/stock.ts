/** What is left of each prize: taken by draws, changed by operators. */
import { LotteryPrize } from '../../entities/lottery/LotteryPrize.ts';
import { recordAction } from '../admin/adminLog.ts';
import { sqlTime } from '../platform/database/sqlValues.ts';
import type { Tx } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { lockOwned, saveOwned, type OwnedChange } from './ownership.ts';
import { appendEntry } from './pool.ts';

/** Takes won prizes from their stock; the statement itself refuses to go below zero (DRAW-3). @throws RowCountError */
export async function takeStock(
  tx: Tx,
  campaignId: number,
  won: ReadonlyMap<number, number>,
  nowMs: number,
): Promise<void> {
  if (won.size === 0) return;
  const ids = [...won.keys()].sort((a, b) => a - b);
  const cases = `CASE prize_id ${ids.map(() => 'WHEN ? THEN ?').join(' ')} END`;
  const counts = ids.flatMap((id) => [id, won.get(id)!]);
  await tx.executeExactly(
    ids.length,
    `UPDATE lottery_prizes
     SET remaining_quantity = remaining_quantity - ${cases}, won_quantity = won_quantity + ${cases}, updated_at = ?
     WHERE campaign_id = ? AND prize_id IN (?) AND (remaining_quantity IS NULL OR remaining_quantity >= ${cases})`,
    [...counts, ...counts, sqlTime(nowMs), campaignId, ids, ...counts],
  );
}

export interface StockChange {
  prizeId: number;
  delta: number;
}

/** Returns the new remaining stock. */
export async function adjustStock(
  tx: Tx,
  change: OwnedChange,
  { prizeId, delta }: StockChange,
): Promise<number> {
  const campaign = await lockOwned(tx, change);
  const prize = await tx.manager.findOneBy(LotteryPrize, {
    prize_id: prizeId,
    campaign_id: change.campaignId,
  });
  if (prize === null) throw new AppError('NOT_FOUND');
  if (prize.remaining_quantity === null || prize.total_quantity === null) {
    throw new AppError('CONFLICT', { details: { reason: 'the stock of this prize is unlimited' } });
  }
  const remaining = prize.remaining_quantity + delta;
  if (remaining < 0 || remaining > 2_000_000_000) {
    throw new AppError('CONFLICT', { details: { remaining: prize.remaining_quantity } });
  }
  await tx.manager.update(
    LotteryPrize,
    { prize_id: prizeId },
    {
      remaining_quantity: remaining,
      total_quantity: prize.total_quantity + delta,
      updated_at: new Date(change.nowMs),
    },
  );
  const payload = { prize_id: prizeId, delta, remaining };
  await appendEntry(tx, campaign, change.nowMs, { entry: { kind: 'stock', ...payload }, payload });
  await saveOwned(tx, campaign, change.nowMs);
  if (change.actor !== undefined) {
    const stock = { before: { remaining: prize.remaining_quantity }, after: { remaining } };
    const target = { type: 'prize', id: prizeId };
    await recordAction(tx, { actor: change.actor, action: 'prize.stock', target, ...stock }, change.nowMs);
  }
  return remaining;
}
