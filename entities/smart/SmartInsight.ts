import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { generatedKey, jsonColumn, timeColumn } from '../columns.ts';

export const INSIGHT_KINDS = [
  'anomaly',
  'stock_running_out',
  'prize_unwon',
  'restaurant_behind',
  'rejections_up',
  'answers_slower',
] as const;
export type InsightKind = (typeof INSIGHT_KINDS)[number];
export const SEVERITIES = ['info', 'warning', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Something that the figures say by themselves. src/smart/insights/look.ts finds them. */
@Entity('smart_insights')
@Index('smart_insights_standing', ['standing_key'], { unique: true })
@Index('smart_insights_created', ['created_at'])
export class SmartInsight {
  @PrimaryColumn(generatedKey) insight_id!: number;
  @Column({ type: 'varchar', length: 32 }) kind!: InsightKind;
  @Column({ type: 'varchar', length: 16 }) severity!: Severity;
  /** What it is about, while it stands: nothing is told twice. null: it does not stand any more. */
  @Column({ type: 'varchar', length: 64, nullable: true }) standing_key!: string | null;
  /** Of a single one. */
  @Column({ type: 'integer', nullable: true }) restaurant_id!: number | null;
  /** The business day that it is of, or on which it was last seen. */
  @Column({ type: 'varchar', length: 10 }) day!: string;
  /** By kind: src/smart/insights/figures.ts. */
  @Column(jsonColumn) figures!: unknown;
  /** Who has put it away. */
  @Column({ type: 'integer', nullable: true }) dismissed_by!: number | null;
  @Column({ ...timeColumn, nullable: true }) dismissed_at!: Date | null;
  @Column(timeColumn) created_at!: Date;
  @Column(timeColumn) seen_at!: Date;
}
