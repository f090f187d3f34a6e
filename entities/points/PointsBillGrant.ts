import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintColumn, pointsColumn } from '../columns.ts';

/** What one rule gave for a bill: a refund takes a part of that back, whatever holds by then (RP-4). */
@Entity('points_bill_grants')
export class PointsBillGrant {
  @PrimaryColumn(bigintColumn) bill_id!: number;
  @PrimaryColumn({ type: 'integer' }) rule_id!: number;
  @Column({ type: 'integer' }) rule_version!: number;
  @Column(pointsColumn) granted!: number;
  @Column(pointsColumn) reversed!: number;
  /** The row of the ledger; null while the bill is pending, and where nothing was left of it by then. */
  @Column({ ...bigintColumn, nullable: true }) transaction_id!: number | null;
}
