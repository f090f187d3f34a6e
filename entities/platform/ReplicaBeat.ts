import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintColumn } from '../columns.ts';

/** One row, whose number grows each second while there are replicas: which of its numbers one has says how far behind it is. */
@Entity('replica_beats')
export class ReplicaBeat {
  @PrimaryColumn({ type: 'integer' }) beat_id!: number;
  @Column(bigintColumn) beats!: number;
}
