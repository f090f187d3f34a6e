import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { hashColumn, timeColumn } from '../columns.ts';

/**
 * A code of a prize's pool. They are numbered from 1 without gaps; those above the prize's codes_total are there and do not
 * count yet, those up to its codes_given are given, each to the win of that number.
 */
@Entity('lottery_coupons')
@Index('lottery_coupons_code', ['code_hash', 'prize_id'], { unique: true })
export class LotteryCoupon {
  @PrimaryColumn({ type: 'integer' }) prize_id!: number;
  @PrimaryColumn({ type: 'integer' }) coupon_no!: number;
  /** Keyed, so that a code is found and none can be guessed from it. */
  @Column(hashColumn) code_hash!: string;
  @Column({ type: 'varchar', length: 400 }) sealed_code!: string;
  @Column(timeColumn) created_at!: Date;
}
