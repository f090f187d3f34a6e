import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { clientIdColumn, generatedKey, timeColumn } from '../columns.ts';

/** page: came to one; dwell: was there for so long; action: did something there; exposure: was shown something that is recommended. */
export const BEHAVIOR_KINDS = ['page', 'dwell', 'action', 'exposure'] as const;
export type BehaviorKind = (typeof BEHAVIOR_KINDS)[number];

/** What a diner did on the pages, as their client tells of it (B-1). Of nobody who is left out of reports (RS-3). */
@Entity('analytics_behaviors')
@Index('analytics_behaviors_event', ['user_id', 'event_id'], { unique: true })
@Index('analytics_behaviors_user', ['user_id', 'occurred_at'])
@Index('analytics_behaviors_time', ['occurred_at'])
export class AnalyticsBehavior {
  @PrimaryColumn(generatedKey) behavior_id!: number;
  @Column({ type: 'integer' }) user_id!: number;
  /** The client's, the same with each try. */
  @Column(clientIdColumn) event_id!: string;
  /** The client's: of one visit with one device. */
  @Column(clientIdColumn) visit_id!: string;
  @Column({ type: 'varchar', length: 16 }) kind!: BehaviorKind;
  /** Of the page, or of the action on it. */
  @Column({ type: 'varchar', length: 64 }) name!: string;
  /** What it was done to: campaign, product, offer … */
  @Column({ type: 'varchar', length: 16, nullable: true }) target_type!: string | null;
  @Column({ type: 'integer', nullable: true }) target_id!: number | null;
  /** Of a dwell. */
  @Column({ type: 'integer', nullable: true }) duration_ms!: number | null;
  /** Of what was shown: from 1 at the top. */
  @Column({ type: 'integer', nullable: true }) position!: number | null;
  /** By the client's clock, corrected and within bounds (RS-4). */
  @Column(timeColumn) occurred_at!: Date;
  @Column(timeColumn) received_at!: Date;
}
