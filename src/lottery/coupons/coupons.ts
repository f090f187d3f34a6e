/** Coupons of pools, as they are read: by what was won, or by a code that somebody shows. */
import type { EntityManager } from 'typeorm';
import { LotteryCoupon } from '../../../entities/lottery/LotteryCoupon.ts';
import { LotteryPrize } from '../../../entities/lottery/LotteryPrize.ts';
import { AppError } from '../../platform/errors.ts';
import { CouponCodes } from './couponCodes.ts';

/** Of a won item: its `prize_id` and its `coupon_no`. */
export interface Coupon {
  prizeId: number;
  couponNo: number;
}

/** The code that a won item brings. @throws AppError NOT_FOUND */
export async function couponCodeOf(
  reader: EntityManager,
  { prizeId, couponNo }: Coupon,
  seedKey: Buffer,
): Promise<string> {
  const coupon = await reader.findOneBy(LotteryCoupon, { prize_id: prizeId, coupon_no: couponNo });
  if (coupon === null) throw new AppError('NOT_FOUND');
  return new CouponCodes(seedKey).unseal(coupon.sealed_code);
}

/** One pool may have a code that another one has as well; nobody needs more of them than a few. */
const SAME_CODES = 10;

/** The given coupons with this code: most of all one; none, where nobody has won it. */
export async function findCoupons(reader: EntityManager, code: string, seedKey: Buffer): Promise<Coupon[]> {
  const rows = await reader
    .createQueryBuilder(LotteryCoupon, 'coupon')
    .innerJoin(
      LotteryPrize,
      'prize',
      'prize.prize_id = coupon.prize_id AND coupon.coupon_no <= prize.codes_given',
    )
    .where('coupon.code_hash = :hash', { hash: new CouponCodes(seedKey).hashOf(code) })
    .limit(SAME_CODES)
    .getMany();
  return rows.map(({ prize_id, coupon_no }) => ({ prizeId: prize_id, couponNo: coupon_no }));
}

export interface CodeCounts {
  codes: number;
  given: number;
  left: number;
}

/** @throws AppError NOT_FOUND; CONFLICT: it has no pool */
export async function countCodes(reader: EntityManager, prizeId: number): Promise<CodeCounts> {
  const prize = await reader.findOneBy(LotteryPrize, { prize_id: prizeId });
  if (prize === null) throw new AppError('NOT_FOUND');
  const { codes_total: codes, codes_given: given } = prize;
  return { codes, given, left: codes - given };
}
