/**
 * Adds codes to a prize's pool in two steps: the codes are stored, in parts, and nobody draws for them; then one change makes all
 * that are stored count, which for a published campaign is its owner's. Codes that a broken upload has left stored count with the
 * next one, which passes over them.
 */
import { In } from 'typeorm';
import { LotteryCoupon } from '../../../entities/lottery/LotteryCoupon.ts';
import { LotteryPrize } from '../../../entities/lottery/LotteryPrize.ts';
import type { Actor } from '../../platform/caller.ts';
import type { Clock } from '../../platform/clock.ts';
import { insertAll } from '../../platform/database/bulk.ts';
import { withNamedLock } from '../../platform/database/namedLock.ts';
import type { Database, Tx } from '../../platform/database/transaction.ts';
import { AppError } from '../../platform/errors.ts';
import { LIMITS } from '../../platform/limits.ts';
import { campaignOfPrize } from '../campaigns.ts';
import { hasPool } from '../leftToWin.ts';
import { onDraft } from '../onDraft.ts';
import type { CampaignOwners } from '../ownerCalls.ts';
import { findPrize } from '../stock.ts';
import { letCount, notFromPool } from './addCoupons.ts';
import { CouponCodes } from './couponCodes.ts';

export interface UploadServices {
  database: Database;
  clock: Clock;
  seedKey: Buffer;
  owners: Pick<CampaignOwners, 'addCoupons'>;
}

/** Adds the codes that the prize's pool does not have. @throws AppError NOT_FOUND, CONFLICT; as its owner refuses */
export async function uploadCoupons(
  services: UploadServices,
  { prizeId, codes, actor }: Upload & { actor: Actor },
): Promise<{ added: number; codes: number }> {
  const { database, clock, owners } = services;
  const nowMs = clock.nowMs();
  const campaignId = await campaignOfPrize(database, prizeId);
  await assertHasPool(database, prizeId);
  const added = await storeCodes(services, { prizeId, codes }, nowMs);
  const drafted = await onDraft(database, campaignId, async (tx, campaign) => {
    const prize = await findPrize(tx, { campaignId, prizeId });
    await letCount(tx, { campaign, prize }, { actor, nowMs });
    return prize.codes_total;
  });
  return { added, codes: drafted ?? (await owners.addCoupons(campaignId, { prizeId, added, actor })) };
}

/** Before anything is stored. */
async function assertHasPool(database: Database, prizeId: number): Promise<void> {
  const prize = await database.currentReader.findOneByOrFail(LotteryPrize, { prize_id: prizeId });
  if (!hasPool(prize)) throw notFromPool();
}

export interface Upload {
  prizeId: number;
  /** Each once. */
  codes: readonly string[];
}

/** @returns how many of the codes the pool did not have. */
async function storeCodes(
  { database, seedKey }: Pick<UploadServices, 'database' | 'seedKey'>,
  { prizeId, codes }: Upload,
  nowMs: number,
): Promise<number> {
  const kept = new CouponCodes(seedKey);
  let added = 0;
  for (let from = 0; from < codes.length; from += LIMITS.couponsPerInsert) {
    const part = codes.slice(from, from + LIMITS.couponsPerInsert);
    added += await database.retryingTransaction((tx) =>
      withNamedLock(tx, `coupons-${prizeId}`, () => storePart(tx, kept, { prizeId, codes: part }, nowMs)),
    );
  }
  return added;
}

/** Under a lock of the pool, so that numbers have no gaps. */
async function storePart(
  tx: Tx,
  kept: CouponCodes,
  { prizeId, codes }: Upload,
  nowMs: number,
): Promise<number> {
  const last = await lastNo(tx, prizeId);
  const hashes = new Map(codes.map((code) => [kept.hashOf(code), code]));
  const where = { prize_id: prizeId, code_hash: In([...hashes.keys()]) };
  for (const { code_hash } of await tx.manager.find(LotteryCoupon, { select: { code_hash: true }, where }))
    hashes.delete(code_hash);
  if (last + hashes.size > LIMITS.couponsPerPrize)
    throw new AppError('CONFLICT', { details: { codes: last, most: LIMITS.couponsPerPrize } });
  const created_at = new Date(nowMs);
  await insertAll(
    tx,
    LotteryCoupon,
    [...hashes].map(([code_hash, code], at) => ({
      prize_id: prizeId,
      coupon_no: last + 1 + at,
      code_hash,
      sealed_code: kept.seal(code),
      created_at,
    })),
  );
  return hashes.size;
}

/** Waits for whoever is adding codes. */
async function lastNo(tx: Tx, prizeId: number): Promise<number> {
  const [last] = await tx.lock(LotteryCoupon, {
    where: { prize_id: prizeId },
    order: { coupon_no: 'DESC' },
    take: 1,
  });
  return last?.coupon_no ?? 0;
}
