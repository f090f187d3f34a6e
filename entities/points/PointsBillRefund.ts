import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { bigintColumn, generatedKey, pointsColumn, timeColumn } from '../columns.ts';

/** A bill, or a part of it, that was given back. */
@Entity('points_bill_refunds')
export class PointsBillRefund {
  @PrimaryColumn(generatedKey) refund_id!: number;
  @Index('points_bill_refunds_bill')
  @Column(bigintColumn)
  bill_id!: number;
  @Column(pointsColumn) amount!: number;
  /** Whether what was left was asked for, not an amount: the same call gets the same answer. */
  @Column({ type: 'boolean' }) is_rest!: boolean;
  /** What was taken back of the points; and what is owed, and the balance, after it. */
  @Column(pointsColumn) points!: number;
  @Column(pointsColumn) debt!: number;
  @Column(pointsColumn) balance_after!: number;
  @Column({ ...bigintColumn, nullable: true }) transaction_id!: number | null;
  @Column(timeColumn) created_at!: Date;
  @Column({ type: 'integer' }) created_by!: number;
}
