import { Column, Entity, PrimaryColumn } from 'typeorm';
import { pointsColumn, timeColumn } from '../columns.ts';

/** The reward of a task that a user has had: one in each of its periods (P-8). */
@Entity('points_task_claims')
export class PointsTaskClaim {
  @PrimaryColumn({ type: 'integer' }) user_id!: number;
  @PrimaryColumn({ type: 'integer' }) rule_id!: number;
  /** The first day of the period; of a task that is there once, empty. */
  @PrimaryColumn({ type: 'varchar', length: 10 }) period_start!: string;
  @Column(pointsColumn) points!: number;
  @Column(timeColumn) claimed_at!: Date;
}
