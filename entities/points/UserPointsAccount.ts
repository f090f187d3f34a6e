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
  @Column({ type: 'integer', default: 1 }) level!: number;
  @Column({ type: 'integer', default: 0 }) experience_points!: number;
  @Column(pointsColumn) history_total_points!: number;
  @Column(timeColumn) created_at!: Date;
  @Column(timeColumn) updated_at!: Date;
}
