import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintColumn } from '../columns.ts';

/** How far events are numbered for the live stream: one row, which whoever numbers any holds. */
@Entity('event_stream_heads')
export class EventStreamHead {
  @PrimaryColumn({ type: 'integer' }) head_id!: number;
  /** The last number that was given. */
  @Column(bigintColumn) stream_id!: number;
  /** The highest event_id that was looked at. */
  @Column(bigintColumn) event_id!: number;
  /** Below it: ids that were not there, and may be yet. JSON of src/events/stream/gaps.ts. */
  @Column({ type: 'text' }) gaps!: string;
}
