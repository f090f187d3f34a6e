import { Column, Entity, PrimaryColumn } from 'typeorm';
import { pointsColumn } from '../columns.ts';

export type StatisticsPeriod = 'hour' | 'day' | 'week' | 'month' | 'all';

/** What the draws of one period add up to, by their own times. src/lottery/statistics/fold.ts writes it. */
@Entity('lottery_periods')
export class LotteryPeriod {
  @PrimaryColumn({ type: 'integer' }) campaign_id!: number;
  @PrimaryColumn({ type: 'varchar', length: 8 }) period!: StatisticsPeriod;
  /** Its first business day; of an hour its beginning in UTC; nothing for all. */
  @PrimaryColumn({ type: 'varchar', length: 20 }) starts!: string;
  @Column({ type: 'integer' }) draws!: number;
  @Column({ type: 'integer' }) wins!: number;
  @Column({ type: 'integer' }) guarantee_wins!: number;
  @Column({ type: 'integer' }) free_draws!: number;
  @Column(pointsColumn) points_spent!: number;
  /** The prizes by the values that were published for these draws. */
  @Column(pointsColumn) value_given!: number;
  /** Different people; 0 in an hour, of which they are not told apart. */
  @Column({ type: 'integer' }) participants!: number;
  /** Whose first draw of the campaign it was. */
  @Column({ type: 'integer' }) newcomers!: number;
  /** Of a day: how many of its newcomers drew on the day after it, and on the seventh one after it. */
  @Column({ type: 'integer' }) returned_1!: number;
  @Column({ type: 'integer' }) returned_7!: number;
}
