import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Some of the words of a version: a whole list is beyond the 64 KiB of a TEXT. */
@Entity('word_list_parts')
export class WordListPart {
  @PrimaryColumn({ type: 'integer' }) version!: number;
  /** From 1, in the order of the list. */
  @PrimaryColumn({ type: 'integer' }) part!: number;
  /** What becomes of a text with one of them in it. */
  @Column({ type: 'varchar', length: 8 }) kind!: 'mask' | 'refuse' | 'allow';
  /** JSON, which threads read: a list of strings. */
  @Column({ type: 'text' }) words!: string;
}
