import { Column, Entity, PrimaryColumn } from 'typeorm';
import { pointsColumn } from '../columns.ts';

export const MEASURES = [
  'answered',
  'answered_late',
  'bills',
  'claims_approved',
  'claims_rejected',
  'exchanges',
  'items_expired',
  'items_redeemed',
  'members',
  'trades',
] as const;
export type Measure = (typeof MEASURES)[number];

/** What has happened on one business day, in one restaurant or in all, counted of events (src/reports/countEvents.ts). */
@Entity('report_counts')
export class ReportCount {
  /** 0: in all of them, and where none is known. */
  @PrimaryColumn({ type: 'integer' }) restaurant_id!: number;
  @PrimaryColumn({ type: 'varchar', length: 10 }) day!: string;
  @PrimaryColumn({ type: 'varchar', length: 32 }) measure!: Measure;
  @Column({ type: 'integer' }) entries!: number;
  /** What those come to: points, yuan or seconds. */
  @Column(pointsColumn) amount!: number;
}
