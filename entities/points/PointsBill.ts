import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import {
  bigintColumn,
  clientIdColumn,
  generatedKey,
  jsonColumn,
  pointsColumn,
  timeColumn,
} from '../columns.ts';

export type BillStatus = 'pending' | 'completed' | 'cancelled';

/** What a user has paid, and the points for it (P-9). Its number is the till's, and given once. */
@Entity('points_bills')
@Index('points_bills_user', ['user_id', 'bill_id'])
@Index('points_bills_due', ['status', 'activates_at'])
@Index('points_bills_visits', ['user_id', 'restaurant_id'])
export class PointsBill {
  @PrimaryColumn(generatedKey) bill_id!: number;
  @Index('points_bills_no', { unique: true })
  @Column(clientIdColumn)
  bill_no!: string;
  @Column({ type: 'integer' }) user_id!: number;
  @Column({ type: 'integer', nullable: true }) restaurant_id!: number | null;
  /**
   * pending: its points come with `activates_at`, if it is not returned until then (RP-15). cancelled: the account was closed before,
   * and they never come.
   */
  @Column({ type: 'varchar', length: 16 }) status!: BillStatus;
  /** In fen, as a decimal of yuan. */
  @Column(pointsColumn) bill_amount!: number;
  @Column(pointsColumn) refunded_amount!: number;
  /** What the rules gave for it. */
  @Column(pointsColumn) points!: number;
  /** Of those, what refunds have taken back. */
  @Column(pointsColumn) reversed_points!: number;
  /** Why each rule gave what it did (RP-10). */
  @Column(jsonColumn) reasons!: object;
  /** As it was answered: the same call gets the same answer. */
  @Column(pointsColumn) balance_after!: number;
  @Column({ ...bigintColumn, nullable: true }) transaction_id!: number | null;
  @Column({ ...timeColumn, nullable: true }) activates_at!: Date | null;
  @Column({ type: 'varchar', length: 10 }) business_day!: string;
  @Column(timeColumn) created_at!: Date;
  @Column({ type: 'integer' }) created_by!: number;
}
