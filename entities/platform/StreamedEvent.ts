import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { bigintColumn } from '../columns.ts';

/** The place of an event in the live stream, the same on all nodes. Given by src/events/stream/numberEvents.ts. */
@Entity('event_stream')
@Index('event_stream_event', ['event_id'], { unique: true })
export class StreamedEvent {
  @PrimaryColumn(bigintColumn) stream_id!: number;
  @Column(bigintColumn) event_id!: number;
}
