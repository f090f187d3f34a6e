import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { bigintColumn, generatedKey, pointsColumn, timeColumn } from '../columns.ts';

/**
 * Of a won item: unclaimed → claimed → redeemed; or unclaimed → expired, once its time is over; or void, from before it was
 * redeemed. A coupon may be redeemed without a claim. Nothing leads back.
 */
export type WonItemStatus = 'unclaimed' | 'claimed' | 'redeemed' | 'expired' | 'void';

/**
 * Of an item that points were exchanged for: available ⇄ locked, while it is offered to others; available → redeemed, or
 * expired once its time is over. Nothing leads back from those two.
 */
export type ExchangedItemStatus = 'available' | 'locked' | 'redeemed' | 'expired';

export type ItemStatus = WonItemStatus | ExchangedItemStatus;

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
  /** Of a won item a WonItemStatus, of an exchanged one an ExchangedItemStatus. */
  @Column({ type: 'varchar', length: 16, default: 'available' }) status!: string;
  /** Until when it has to be claimed, or used if it was exchanged; null: it has no end, or has been claimed or used. */
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
  @Column({ type: 'integer', nullable: true }) product_id!: number | null;
  /** What it came by, where points were exchanged for it. */
  @Index('user_inventories_exchange', { where: 'exchange_id IS NOT NULL' })
  @Column({ ...bigintColumn, nullable: true })
  exchange_id!: number | null;
  /** How often it has changed hands: codes that somebody was shown before mean nothing afterwards. */
  @Column({ type: 'integer', default: 0 }) owner_no!: number;
}
