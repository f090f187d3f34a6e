import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { timeColumn } from '../columns.ts';

/** That points of a user end, and whether the user was told: src/points/reminders.ts. One row, however many lots end then. */
@Entity('points_reminders')
@Index('points_reminders_due', ['state', 'expires_at', 'user_id'])
export class PointsReminder {
  @PrimaryColumn({ type: 'integer' }) user_id!: number;
  /** As of the lots. */
  @PrimaryColumn(timeColumn) expires_at!: Date;
  /** Not told yet, told, or not told since nothing was left then. */
  @Column({ type: 'varchar', length: 8, default: 'due' }) state!: 'due' | 'sent' | 'none';
}
