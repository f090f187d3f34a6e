import { Column, Entity, PrimaryColumn } from 'typeorm';
import { timeColumn } from '../columns.ts';

/** One version of what operators may change while the server runs. Versions stay as they are. */
@Entity('business_configs')
export class BusinessConfig {
  /** Counts from 1. */
  @PrimaryColumn({ type: 'integer' }) version!: number;
  /** JSON of the whole document. Read as a text: one that is none must not keep a node from starting (RA-11). */
  @Column({ type: 'text' }) config!: string;
  /** Of a return: the version whose values hold again; 0: those of the environment. */
  @Column({ type: 'integer', nullable: true }) returned_to!: number | null;
  @Column({ type: 'integer' }) created_by!: number;
  @Column(timeColumn) created_at!: Date;
}
