/**
 * Codes of coupons as they are kept: sealed, so that a copy of the database is no bag of money, and with a keyed hash, by which a
 * code is found that somebody shows. Both keys come of the one that seals the seeds.
 */
import { createHmac } from 'node:crypto';
import { derivedKey } from '../../platform/derivedKey.ts';
import { seal, unseal } from '../../platform/sealing.ts';

export class CouponCodes {
  private readonly sealing: Buffer;
  private readonly finding: Buffer;

  constructor(seedKey: Buffer) {
    this.sealing = derivedKey(seedKey, 'kaijiang coupon codes');
    this.finding = derivedKey(seedKey, 'kaijiang coupon look-up');
  }

  seal(code: string): string {
    return seal(Buffer.from(code), this.sealing);
  }

  /** @throws when it was sealed with another key. */
  unseal(sealed: string): string {
    return unseal(sealed, this.sealing).toString();
  }

  hashOf(code: string): string {
    return createHmac('sha256', this.finding).update(code).digest('hex');
  }
}
