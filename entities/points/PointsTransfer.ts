import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { generatedKey, pointsColumn, timeColumn } from '../columns.ts';

export type TransferStatus = 'completed' | 'review' | 'approved' | 'rejected';

/**
 * Points that a user gives to another one (P-3). Both rows of the ledger name it. A small one is completed at once; one in review is
 * held, and becomes approved or rejected.
 */
@Entity('points_transfers')
@Index('points_transfers_day', ['from_user_id', 'business_day', 'status', 'amount'])
@Index('points_transfers_status', ['status', 'transfer_id'])
export class PointsTransfer {
  @PrimaryColumn(generatedKey) transfer_id!: number;
  @Column({ type: 'integer' }) from_user_id!: number;
  @Column({ type: 'integer' }) to_user_id!: number;
  @Column(pointsColumn) amount!: number;
  @Column({ type: 'varchar', length: 200, nullable: true }) message!: string | null;
  /** On which the daily limit counts it, YYYY-MM-DD. */
  @Column({ type: 'varchar', length: 10 }) business_day!: string;
  @Column({ type: 'varchar', length: 16, default: 'completed' }) status!: TransferStatus;
  @Column({ type: 'integer', nullable: true }) decided_by!: number | null;
  @Column({ ...timeColumn, nullable: true }) decided_at!: Date | null;
  @Column({ type: 'varchar', length: 255, nullable: true }) decision_reason!: string | null;
  @Column(timeColumn) created_at!: Date;
}
