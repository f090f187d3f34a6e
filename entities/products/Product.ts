import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { pointsColumn, timeColumn } from '../columns.ts';

export const PRODUCT_STATUSES = ['active', 'inactive'] as const;
export type ProductStatus = (typeof PRODUCT_STATUSES)[number];

/** What points are exchanged for. Exact at any moment: total_stock = stock + sold (DRAW-3). */
@Entity('products')
@Index('products_status', ['status', 'product_id'])
export class Product {
  @PrimaryGeneratedColumn() product_id!: number;
  @Column({ type: 'varchar', length: 128 }) name!: string;
  @Column({ type: 'varchar', length: 1000 }) description!: string;
  @Column({ type: 'varchar', length: 512, nullable: true }) image_url!: string | null;
  /** Of one piece. */
  @Column(pointsColumn) price!: number;
  /** Pieces that are left. */
  @Column({ type: 'integer' }) stock!: number;
  @Column({ type: 'integer', default: 0 }) sold!: number;
  /** What was ever put in, less what was taken out. */
  @Column({ type: 'integer' }) total_stock!: number;
  /** Inactive ones are shown to nobody but the administration. */
  @Column({ type: 'varchar', length: 16 }) status!: ProductStatus;
  /** For how many days after the one of the exchange a piece may be used; null: for ever. */
  @Column({ type: 'integer', nullable: true }) valid_days!: number | null;
  /** Of what is written here but for the stock, which others change all the time. */
  @Column({ type: 'integer' }) version!: number;
  @Column(timeColumn) created_at!: Date;
  @Column(timeColumn) updated_at!: Date;
}
