import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintColumn, timeColumn } from '../columns.ts';

/** A handler has done its work for an event: written in the transaction of that work, so that it is never done twice (E-2). */
@Entity('event_handlings')
export class EventHandling {
  @PrimaryColumn(bigintColumn) event_id!: number;
  @PrimaryColumn({ type: 'varchar', length: 64 }) handler!: string;
  @Column(timeColumn) handled_at!: Date;
}
