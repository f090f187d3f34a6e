import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { pointsColumn } from '../columns.ts';

/** What a user earned in a business day, or a week from Monday, or a month: leaderboards are of it. */
@Entity('points_earned')
@Index('points_earned_rank', ['period', 'starts', 'earned', 'user_id'])
export class PointsEarned {
  @PrimaryColumn({ type: 'varchar', length: 8 }) period!: 'day' | 'week' | 'month';
  /** Its first day, YYYY-MM-DD. */
  @PrimaryColumn({ type: 'varchar', length: 10 }) starts!: string;
  @PrimaryColumn({ type: 'integer' }) user_id!: number;
  @Column(pointsColumn) earned!: number;
}
