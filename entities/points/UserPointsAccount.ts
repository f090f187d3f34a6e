import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { pointsColumn, timeColumn } from '../columns.ts';

/** A user's points. Changed by the ledger alone; available + frozen = total (PTS-2, PTS-3). */
@Entity('user_points_accounts')
export class UserPointsAccount {
  @PrimaryGeneratedColumn({ type: 'integer' }) account_id!: number;
  @Index('user_points_accounts_user', { unique: true })
  @Column({ type: 'integer' })
  user_id!: number;
  @Column(pointsColumn) total_points!: number;
  @Column(pointsColumn) available_points!: number;
  @Column(pointsColumn) frozen_points!: number;
  /** What a refund has taken back of points that were spent already; the next earning pays it (RP-7). */
  @Column({ ...pointsColumn, default: 0 }) debt_points!: number;
  /** The length of the line of spending: all that was ever spent or held, given back or not. */
  @Column({ ...pointsColumn, default: 0 }) spent_total!: number;
  /** Up to where it was taken of lots. */
  @Column({ ...pointsColumn, default: 0 }) settled_total!: number;
  /** Until then no lot ends: the line may grow without a look at them. */
  @Index('user_points_accounts_due')
  @Column({ ...timeColumn, nullable: true })
  next_due_at!: Date | null;
  /* What was gained and lost last, on one day and from one source: points_daily has it once another begins. */
  @Column({ type: 'varchar', length: 10, nullable: true }) open_day!: string | null;
  @Column({ type: 'varchar', length: 32, nullable: true }) open_source!: string | null;
  @Column({ ...pointsColumn, default: 0 }) open_income!: number;
  @Column({ ...pointsColumn, default: 0 }) open_expense!: number;
  /** Of what was earned on that day: what points_earned does not have yet, and whether there is any. */
  @Column({ ...pointsColumn, default: 0 }) open_earned!: number;
  @Index('user_points_accounts_earned_open')
  @Column({ type: 'boolean', default: 0 })
  is_earned_open!: boolean;
  @Column({ type: 'integer', default: 1 }) level!: number;
  @Column({ type: 'integer', default: 0 }) experience_points!: number;
  @Column(pointsColumn) history_total_points!: number;
  /** The user whose account has what this one had; nothing moves on it any more. Never one that was merged itself. */
  @Index('user_points_accounts_merged', { where: 'merged_into IS NOT NULL' })
  @Column({ type: 'integer', nullable: true })
  merged_into!: number | null;
  /** Whether others were merged into it. */
  @Column({ type: 'boolean', default: 0 }) has_merged!: boolean;
  @Column(timeColumn) created_at!: Date;
  @Column(timeColumn) updated_at!: Date;
}
