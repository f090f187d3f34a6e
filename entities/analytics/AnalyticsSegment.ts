import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { timeColumn } from '../columns.ts';

/** paused: its members stay as they are. removing: they are taken out, and then it is gone. */
export type SegmentStatus = 'active' | 'paused' | 'removing';

/** A segment whose members are those for whom a condition holds (B-2): they are in `user_segments` under its name. */
@Entity('analytics_segments')
export class AnalyticsSegment {
  @PrimaryGeneratedColumn({ type: 'integer' }) segment_id!: number;
  @Index('analytics_segments_name', { unique: true })
  @Column({ type: 'varchar', length: 64, charset: 'utf8mb4', collation: 'utf8mb4_bin' })
  name!: string;
  @Column({ type: 'varchar', length: 64 }) title!: string;
  /** In CEL, over the facts of src/analytics/segments/condition.ts. */
  @Column({ type: 'text' }) condition_text!: string;
  @Column({ type: 'varchar', length: 16 }) status!: SegmentStatus;
  @Column({ type: 'integer' }) version!: number;
  @Column({ type: 'integer' }) members!: number;
  @Column({ ...timeColumn, nullable: true }) counted_at!: Date | null;
  /** Users up to this id have been asked for in the present pass; null: there is none. */
  @Column({ type: 'integer', nullable: true }) position!: number | null;
  /** Why the condition could not be worked out of somebody in the last pass: they are no member. */
  @Column({ type: 'varchar', length: 255, nullable: true }) failure!: string | null;
  @Column({ type: 'integer' }) created_by!: number;
  @Column(timeColumn) created_at!: Date;
  @Column(timeColumn) updated_at!: Date;
}
