import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { generatedKey, pointsColumn, timeColumn } from '../columns.ts';

/** Points that somebody has exchanged for pieces of a product: one row of the ledger, and as many items. */
@Entity('product_exchanges')
export class ProductExchange {
  @PrimaryColumn(generatedKey) exchange_id!: number;
  @Index('product_exchanges_user')
  @Column({ type: 'integer' })
  user_id!: number;
  @Index('product_exchanges_product')
  @Column({ type: 'integer' })
  product_id!: number;
  @Column({ type: 'integer' }) product_version!: number;
  @Column({ type: 'integer' }) quantity!: number;
  /** Of one piece. */
  @Column(pointsColumn) price!: number;
  @Column(timeColumn) created_at!: Date;
}
