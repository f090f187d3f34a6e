import { Column, Entity, PrimaryColumn } from 'typeorm';
import { timeColumn } from '../columns.ts';

/** One version of the words that nobody is to read. Versions stay: messages name the one that judged them (RC-5). */
@Entity('word_lists')
export class WordList {
  /** Counts from 1. */
  @PrimaryColumn({ type: 'integer' }) version!: number;
  @Column({ type: 'integer' }) masked!: number;
  @Column({ type: 'integer' }) refused!: number;
  @Column({ type: 'integer' }) allowed!: number;
  @Column({ type: 'integer' }) created_by!: number;
  @Column(timeColumn) created_at!: Date;
}
