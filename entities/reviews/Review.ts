import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { bigintColumn, generatedKey, timeColumn } from '../columns.ts';

export type ReviewStatus = 'pending' | 'approved' | 'rejected' | 'void';

/**
 * Something that somebody asks for, and somebody else decides: pending → approved | rejected | void, once. A claim's state is here;
 * of all else its own table says what becomes of it, and this row says the same from the same transaction on.
 */
@Entity('reviews')
@Index('reviews_status', ['status', 'review_id'])
@Index('reviews_kind', ['kind', 'review_id'])
@Index('reviews_subject', ['kind', 'subject_id'], { unique: true })
@Index('reviews_applicant', ['applicant_id', 'status'])
@Index('reviews_waiting', ['status', 'due_at', 'review_id'])
@Index('reviews_due', ['status', 'escalated_at', 'due_at'])
export class Review {
  @PrimaryColumn(generatedKey) review_id!: number;
  /** Says which table `subject_id` is of. */
  @Column({ type: 'varchar', length: 32 }) kind!: string;
  @Column(bigintColumn) subject_id!: number;
  /** Who asks, who gains by it, who edited it last; null: unknown, and nobody may decide it (RA-3). */
  @Column({ type: 'integer', nullable: true }) applicant_id!: number | null;
  @Column({ type: 'integer', nullable: true }) beneficiary_id!: number | null;
  @Column({ type: 'integer', nullable: true }) editor_id!: number | null;
  @Column({ type: 'integer', nullable: true }) restaurant_id!: number | null;
  @Column({ type: 'varchar', length: 16 }) status!: ReviewStatus;
  /** Of business time, within which it is to be decided; null: nobody has counted it yet, and `due_at` is when it was asked for. */
  @Column({ type: 'integer', nullable: true }) limit_minutes!: number | null;
  /** When that ends, as far as holidays are known. */
  @Column(timeColumn) due_at!: Date;
  /** When it was told that nobody had decided it in time; null: it was not. */
  @Column({ ...timeColumn, nullable: true }) escalated_at!: Date | null;
  @Column({ type: 'integer', nullable: true }) decided_by!: number | null;
  @Column({ ...timeColumn, nullable: true }) decided_at!: Date | null;
  @Column({ type: 'varchar', length: 500, nullable: true }) reason!: string | null;
  @Column(timeColumn) created_at!: Date;
}
