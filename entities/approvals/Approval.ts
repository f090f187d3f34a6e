import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { generatedKey, hashColumn, timeColumn } from '../columns.ts';

export type ApprovalStatus = 'pending' | 'approved' | 'rejected' | 'void';

/** A change that waits for a second person. It is bound to its exact text and to what it was based on (RL-3). */
@Entity('approvals')
@Index('approvals_status', ['status', 'approval_id'])
@Index('approvals_subject', ['kind', 'subject_id', 'status'])
export class Approval {
  @PrimaryColumn(generatedKey) approval_id!: number;
  /** What kind of change it is, as `campaign.change`. */
  @Column({ type: 'varchar', length: 32 }) kind!: string;
  /** What is changed: a campaign. */
  @Column({ type: 'integer' }) subject_id!: number;
  /** Of the subject, as the author saw it. */
  @Column({ type: 'integer' }) base_version!: number;
  /** The change as RFC 8785 JSON. */
  @Column({ type: 'text' }) proposed!: string;
  /** Of what is approved: kind, subject, base version and change. */
  @Column(hashColumn) change_hash!: string;
  @Column({ type: 'varchar', length: 16 }) status!: ApprovalStatus;
  /** Who asks for it; null: unknown, and nobody may approve it. */
  @Column({ type: 'integer', nullable: true }) author_id!: number | null;
  /** Who edited the subject last. */
  @Column({ type: 'integer', nullable: true }) editor_id!: number | null;
  @Column({ type: 'integer', nullable: true }) decided_by!: number | null;
  @Column({ ...timeColumn, nullable: true }) decided_at!: Date | null;
  @Column({ type: 'text', nullable: true }) reason!: string | null;
  @Column(timeColumn) created_at!: Date;
}
