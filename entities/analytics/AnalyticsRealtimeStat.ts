import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintColumn, timeColumn } from '../columns.ts';

export const BUCKET_PERIODS = ['minute', 'hour', 'day'] as const;
export type BucketPeriod = (typeof BUCKET_PERIODS)[number];

/** How many behaviours of one kind and name fall into a minute, hour or business day: exactly the rows that there are (RS-5). */
@Entity('analytics_realtime_stats')
export class AnalyticsRealtimeStat {
  @PrimaryColumn({ type: 'varchar', length: 8 }) period!: BucketPeriod;
  @PrimaryColumn(timeColumn) starts_at!: Date;
  @PrimaryColumn({ type: 'varchar', length: 16 }) kind!: string;
  @PrimaryColumn({ type: 'varchar', length: 64 }) name!: string;
  @Column(bigintColumn) entries!: number;
  /** Of dwells, in all. */
  @Column(bigintColumn) duration_ms!: number;
}
