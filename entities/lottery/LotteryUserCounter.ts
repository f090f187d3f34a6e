import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { bigintColumn, pointsColumn, timeColumn } from '../columns.ts';

/** What one campaign counts of one user: guarantee streak, daily use, standing on the leaderboard. */
@Entity('lottery_user_counters')
@Index('lottery_user_counters_rank', ['campaign_id', 'prize_value', 'wins', 'draws', 'first_draw_no'])
@Index('lottery_user_counters_user', ['user_id'])
export class LotteryUserCounter {
  @PrimaryColumn({ type: 'integer' }) campaign_id!: number;
  @PrimaryColumn({ type: 'integer' }) user_id!: number;
  /** Losing draws since the last win. */
  @Column({ type: 'integer' }) streak!: number;
  @Column({ type: 'integer' }) draws!: number;
  @Column({ type: 'integer' }) wins!: number;
  @Column(pointsColumn) prize_value!: number;
  /** Business day that draws_today and free_today count, YYYY-MM-DD. */
  @Column({ type: 'varchar', length: 10 }) business_day!: string;
  @Column({ type: 'integer' }) draws_today!: number;
  /** Of these, the ones that cost nothing. */
  @Column({ type: 'integer', default: 0 }) free_today!: number;
  @Column(bigintColumn) first_draw_no!: number;
  @Column(timeColumn) updated_at!: Date;
}
