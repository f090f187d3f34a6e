import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { timeColumn } from '../columns.ts';

export const REPORT_PERIODS = ['daily', 'weekly'] as const;
export type ReportPeriod = (typeof REPORT_PERIODS)[number];

/** That somebody is told the figures of each day, or of each week, once it is over. */
@Entity('report_subscriptions')
@Index('report_subscriptions_due', ['next_at'])
export class ReportSubscription {
  @PrimaryColumn({ type: 'integer' }) user_id!: number;
  @PrimaryColumn({ type: 'varchar', length: 8 }) period!: ReportPeriod;
  /** Of the business day; a week is told on its Monday. */
  @Column({ type: 'integer' }) hour!: number;
  @Column(timeColumn) next_at!: Date;
  /** The last day, or the first one of the last week, that they were told of. */
  @Column({ type: 'varchar', length: 10, nullable: true }) told_of!: string | null;
}
