import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { generatedKey, pointsColumn, timeColumn } from '../columns.ts';

/** Points that a user has given to another one (P-3). Both rows of the ledger name it. */
@Entity('points_transfers')
@Index('points_transfers_day', ['from_user_id', 'business_day', 'amount'])
export class PointsTransfer {
  @PrimaryColumn(generatedKey) transfer_id!: number;
  @Column({ type: 'integer' }) from_user_id!: number;
  @Column({ type: 'integer' }) to_user_id!: number;
  @Column(pointsColumn) amount!: number;
  @Column({ type: 'varchar', length: 200, nullable: true }) message!: string | null;
  /** On which the daily limit counts it, YYYY-MM-DD. */
  @Column({ type: 'varchar', length: 10 }) business_day!: string;
  @Column(timeColumn) created_at!: Date;
}
