import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { bigintColumn, generatedKey, pointsColumn, timeColumn } from '../columns.ts';

export const TRADE_STATUSES = ['open', 'escrow', 'disputed', 'settled', 'cancelled', 'expired'] as const;

/**
 * open → escrow, when somebody buys → settled, by the buyer, or by who decides a dispute
 * open, escrow → cancelled, by the seller → expired, by time
 * escrow → disputed, by either → settled | cancelled, by the administration
 */
export type TradeStatus = (typeof TRADE_STATUSES)[number];

/** An item that somebody offers for points. Until it is over the item is locked; once it is bought the points are held. */
@Entity('trade_records')
@Index('trade_records_status', ['status', 'trade_id'])
@Index('trade_records_product', ['product_id', 'status', 'trade_id'])
@Index('trade_records_due', ['status', 'expires_at'])
@Index('trade_records_seller', ['seller_id', 'trade_id'])
@Index('trade_records_buyer', ['buyer_id', 'trade_id'])
export class TradeRecord {
  @PrimaryColumn(generatedKey) trade_id!: number;
  @Column(bigintColumn) item_id!: number;
  /** The item, as long as it is not over: none is in two trades. */
  @Index('trade_records_item', { unique: true })
  @Column({ ...bigintColumn, nullable: true })
  open_item_id!: number | null;
  @Column({ type: 'integer' }) product_id!: number;
  @Column({ type: 'varchar', length: 128 }) item_name!: string;
  @Column({ type: 'integer' }) seller_id!: number;
  @Column({ type: 'integer', nullable: true }) buyer_id!: number | null;
  @Column(pointsColumn) price!: number;
  /** Of the price, for nobody. */
  @Column(pointsColumn) fee!: number;
  @Column({ type: 'varchar', length: 16 }) status!: TradeStatus;
  /** Counts what was changed: a buyer names what they have read. */
  @Column({ type: 'integer' }) version!: number;
  /** When it expires, as long as it is open or in escrow. */
  @Column(timeColumn) expires_at!: Date;
  @Column({ type: 'integer', nullable: true }) disputed_by!: number | null;
  @Column({ type: 'varchar', length: 255, nullable: true }) dispute_reason!: string | null;
  @Column({ type: 'integer', nullable: true }) decided_by!: number | null;
  @Column({ type: 'varchar', length: 255, nullable: true }) decision_reason!: string | null;
  @Column(timeColumn) created_at!: Date;
  @Column(timeColumn) updated_at!: Date;
}
