import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { bigintColumn, generatedKey, pointsColumn, timeColumn } from '../columns.ts';

/**
 * Of a won item: unclaimed → claimed → redeemed; or unclaimed → expired, once its time is over; or void, from before it was
 * redeemed. A coupon may be redeemed without a claim. Nothing leads back.
 */
export type WonItemStatus = 'unclaimed' | 'claimed' | 'redeemed' | 'expired' | 'void';

/** Something a user owns. A won item names its draw, which can give it only once. */
@Entity('user_inventories')
@Index('user_inventories_due', ['status', 'expires_at'], { where: 'expires_at IS NOT NULL' })
@Index('user_inventories_coupon', ['prize_id', 'coupon_no'], { unique: true, where: 'coupon_no IS NOT NULL' })
export class UserInventory {
  @PrimaryColumn(generatedKey) inventory_id!: number;
  @Index('user_inventories_user')
  @Column({ type: 'integer' })
  user_id!: number;
  @Column({ type: 'varchar', length: 16 }) source!: string;
  @Column({ type: 'varchar', length: 16 }) item_type!: string;
  @Column({ type: 'varchar', length: 128 }) item_name!: string;
  @Column(pointsColumn) item_value!: number;
  @Column({ type: 'integer', nullable: true }) campaign_id!: number | null;
  @Column({ type: 'integer', nullable: true }) prize_id!: number | null;
  @Index('user_inventories_draw', { unique: true })
  @Column({ ...bigintColumn, nullable: true })
  draw_id!: number | null;
  /** Of a won item a WonItemStatus. */
  @Column({ type: 'varchar', length: 16, default: 'available' }) status!: string;
  /** Until when it has to be claimed; null: it has no end, or has been claimed. */
  @Column({ ...timeColumn, nullable: true }) expires_at!: Date | null;
  @Column(timeColumn) created_at!: Date;
  @Column({ ...timeColumn, nullable: true }) claimed_at!: Date | null;
  @Column({ ...timeColumn, nullable: true }) redeemed_at!: Date | null;
  /** As a caller: below zero, an API key. */
  @Column({ type: 'integer', nullable: true }) redeemed_by!: number | null;
  @Column({ type: 'integer', nullable: true }) redeemed_restaurant_id!: number | null;
  /** Of the pool of its prize, counted from 1; null: its code is made by us. */
  @Column({ type: 'integer', nullable: true }) coupon_no!: number | null;
  /** Its stock has come back when it expired. */
  @Column({ type: 'boolean', default: 0 }) stock_returned!: boolean;
  /** 1 to 5, of whoever was given it. */
  @Column({ type: 'integer', nullable: true }) rating!: number | null;
  @Column({ ...timeColumn, nullable: true }) rated_at!: Date | null;
}
