import { Entity, PrimaryColumn } from 'typeorm';
import type { StatisticsPeriod } from './LotteryPeriod.ts';

/** That a user drew in a day, week or month: whom its participants are counted by, and who came back. */
@Entity('lottery_days_drawn')
export class LotteryDayDrawn {
  @PrimaryColumn({ type: 'integer' }) campaign_id!: number;
  @PrimaryColumn({ type: 'varchar', length: 8 }) period!: StatisticsPeriod;
  @PrimaryColumn({ type: 'varchar', length: 20 }) starts!: string;
  @PrimaryColumn({ type: 'integer' }) user_id!: number;
}
