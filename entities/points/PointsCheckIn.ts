import { Column, Entity, PrimaryColumn } from 'typeorm';
import { pointsColumn, timeColumn } from '../columns.ts';

/** A user has checked in on a business day (P-7). Streak, calendar and multiplier are all read here (RP-12). */
@Entity('points_check_ins')
export class PointsCheckIn {
  @PrimaryColumn({ type: 'integer' }) user_id!: number;
  @PrimaryColumn({ type: 'varchar', length: 10 }) day!: string;
  /** Days in a row, this one among them. */
  @Column({ type: 'integer' }) streak!: number;
  /** The streak up to its cap, as the rules were told. */
  @Column({ type: 'integer' }) multiplier!: number;
  /** Without the two below. */
  @Column(pointsColumn) points!: number;
  @Column(pointsColumn) month_bonus!: number;
  @Column(pointsColumn) holiday_bonus!: number;
  /** In another time zone it lies on another day. */
  @Column(timeColumn) checked_at!: Date;
}
