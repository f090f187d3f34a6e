import { Column, Entity, PrimaryColumn } from 'typeorm';
import { timeColumn } from '../columns.ts';

/** That somebody looks for insights up to a business day, or has: one node does it for all. */
@Entity('smart_insight_looks')
export class SmartInsightLook {
  /** The last one that is complete. */
  @PrimaryColumn({ type: 'varchar', length: 10 }) day!: string;
  @Column(timeColumn) begun_at!: Date;
  /** null: whoever began is at it, or has died. */
  @Column({ ...timeColumn, nullable: true }) done_at!: Date | null;
  /** How many figures were looked at together, and how many insights stood then. */
  @Column({ type: 'integer' }) tests!: number;
  @Column({ type: 'integer' }) found!: number;
}
