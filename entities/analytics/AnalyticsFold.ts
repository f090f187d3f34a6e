import { Column, Entity, PrimaryColumn } from 'typeorm';
import { timeColumn } from '../columns.ts';

/** Work over everybody that one node does at a time, and what came of it. */
@Entity('analytics_folds')
export class AnalyticsFold {
  @PrimaryColumn({ type: 'varchar', length: 32 }) name!: string;
  /** JSON of whoever does it. */
  @Column({ type: 'text', nullable: true }) data!: string | null;
  /** The business day of which it was done last. */
  @Column({ type: 'varchar', length: 10, nullable: true }) day!: string | null;
  @Column({ type: 'varchar', length: 64, nullable: true }) claimed_by!: string | null;
  @Column({ ...timeColumn, nullable: true }) claimed_until!: Date | null;
}
