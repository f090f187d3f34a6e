import { Column, Entity, PrimaryColumn } from 'typeorm';
import { timeColumn } from '../columns.ts';

/** A node has handlers for events of this type. Written by its relay, as src/platform/events/awaitedTypes.ts describes. */
@Entity('awaited_types')
export class AwaitedType {
  @PrimaryColumn({ type: 'varchar', length: 64 }) event_type!: string;
  @PrimaryColumn({ type: 'varchar', length: 64 }) node_id!: string;
  /** When the node has said so for the last time. */
  @Column(timeColumn) seen_at!: Date;
}
