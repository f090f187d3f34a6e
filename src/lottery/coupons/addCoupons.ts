/** The codes of a pool that are stored begin to count: one change of the campaign, whatever their number. */
import { LotteryCoupon } from '../../../entities/lottery/LotteryCoupon.ts';
import type { LotteryCampaign } from '../../../entities/lottery/LotteryCampaign.ts';
import type { LotteryPrize } from '../../../entities/lottery/LotteryPrize.ts';
import { recordAction } from '../../admin/adminLog.ts';
import type { Tx } from '../../platform/database/transaction.ts';
import { AppError } from '../../platform/errors.ts';
import { hasPool } from '../leftToWin.ts';
import { lockOwned, saveOwned, type OwnedChange } from '../ownership.ts';
import { findPrize, writeStock } from '../stock.ts';

export interface AddedCoupons {
  prizeId: number;
  /** By the upload that asks for them to count. Owners of earlier builds write it down. */
  added: number;
}

/** The owner's change: all codes that are stored count from now on. Returns how many there are. */
export async function addCoupons(tx: Tx, change: OwnedChange, coupons: AddedCoupons): Promise<number> {
  const campaign = await lockOwned(tx, change);
  const prize = await findPrize(tx, { campaignId: change.campaignId, prizeId: coupons.prizeId });
  await letCount(tx, { campaign, prize }, change);
  await saveOwned(tx, campaign, change.nowMs);
  return prize.codes_total;
}

/** Of a campaign that is locked, and saved afterwards. @throws AppError CONFLICT: the prize has no pool */
export async function letCount(
  tx: Tx,
  { campaign, prize }: { campaign: LotteryCampaign; prize: LotteryPrize },
  { actor, nowMs }: Pick<OwnedChange, 'actor' | 'nowMs'>,
): Promise<void> {
  if (!hasPool(prize)) throw notFromPool();
  const before = { codes: prize.codes_total };
  // Of what is committed: an upload that goes on lets its own count.
  const codesTotal =
    (await tx.manager.maximum(LotteryCoupon, 'coupon_no', { prize_id: prize.prize_id })) ?? 0;
  // Of two uploads at once, either may let count what both have stored: it has the row, and the other has none (RA-2).
  if (codesTotal === before.codes) return;
  await writeStock(tx, { campaign, nowMs }, [{ prize, remaining: prize.remaining_quantity, codesTotal }]);
  if (actor === undefined) return;
  const after = { codes: codesTotal, added: codesTotal - before.codes };
  const target = { type: 'prize', id: prize.prize_id };
  await recordAction(tx, { actor, action: 'prize.coupons', target, before, after }, nowMs);
}

export function notFromPool(): AppError {
  return new AppError('CONFLICT', { details: { reason: 'this prize is no coupon with codes of a pool' } });
}
