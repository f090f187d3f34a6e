import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { pointsColumn, timeColumn } from '../columns.ts';

/** What somebody did on one business day, counted with their profile. */
@Entity('analytics_user_days', { withoutRowid: true })
export class AnalyticsUserDay {
  @PrimaryColumn({ type: 'integer' }) user_id!: number;
  @PrimaryColumn({ type: 'varchar', length: 10 }) day!: string;
  /** Bit h: they did something between h and h + 1 o'clock in the business zone. */
  @Column({ type: 'integer' }) hours!: number;
  @Column({ type: 'integer' }) draws!: number;
  @Column({ type: 'integer' }) free_draws!: number;
  @Column({ type: 'integer' }) exchanges!: number;
  @Column({ type: 'integer' }) trades!: number;
  @Column({ type: 'integer' }) check_ins!: number;
  @Column({ type: 'integer' }) bills!: number;
  /** In fen, as a decimal of yuan: without what was given back on that day, of whichever bill. */
  @Column(pointsColumn) spent!: number;
  /** When the day began: by it the row is forgotten. */
  @Index('analytics_user_days_time')
  @Column(timeColumn)
  created_at!: Date;
}
