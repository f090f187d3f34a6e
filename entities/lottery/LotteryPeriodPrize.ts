import { Column, Entity, PrimaryColumn } from 'typeorm';
import { pointsColumn } from '../columns.ts';
import type { StatisticsPeriod } from './LotteryPeriod.ts';

/** How often one prize was won in one period. */
@Entity('lottery_period_prizes')
export class LotteryPeriodPrize {
  @PrimaryColumn({ type: 'integer' }) campaign_id!: number;
  @PrimaryColumn({ type: 'varchar', length: 8 }) period!: StatisticsPeriod;
  @PrimaryColumn({ type: 'varchar', length: 20 }) starts!: string;
  @PrimaryColumn({ type: 'integer' }) prize_id!: number;
  @Column({ type: 'integer' }) wins!: number;
  @Column(pointsColumn) value_given!: number;
}
