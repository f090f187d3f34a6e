import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { bigintColumn, clientIdColumn, generatedKey, timeColumn } from '../columns.ts';

/** Of something that is recommended; `general` is of the product as a whole. */
export const FEEDBACK_KINDS = ['clicked', 'liked', 'not_interested', 'general'] as const;
export type FeedbackKind = (typeof FEEDBACK_KINDS)[number];

/** What somebody says of what they are recommended, or does with it (RS-11). */
@Entity('smart_feedback')
@Index('smart_feedback_once', ['once_key'], { unique: true })
@Index('smart_feedback_user', ['user_id', 'kind', 'created_at'])
@Index('smart_feedback_model', ['model_version', 'kind', 'created_at'])
@Index('smart_feedback_kind', ['kind', 'feedback_id'])
export class SmartFeedback {
  @PrimaryColumn(generatedKey) feedback_id!: number;
  @Column({ type: 'integer' }) user_id!: number;
  @Column({ type: 'varchar', length: 16 }) kind!: FeedbackKind;
  /** Who, what of which recommendation: said again it is the same. null: of what may be said more than once. */
  @Column({ ...clientIdColumn, length: 160, nullable: true }) once_key!: string | null;
  @Column({ ...clientIdColumn, nullable: true }) recommendation_id!: string | null;
  @Column({ ...bigintColumn, nullable: true }) model_version!: number | null;
  /** In its list, from 1. */
  @Column({ type: 'integer', nullable: true }) position!: number | null;
  @Column({ type: 'varchar', length: 16, nullable: true }) item_type!: string | null;
  @Column({ ...bigintColumn, nullable: true }) item_id!: number | null;
  /** From 1 to 5. */
  @Column({ type: 'integer', nullable: true }) satisfaction!: number | null;
  @Column({ type: 'varchar', length: 1000, nullable: true }) text!: string | null;
  @Column(timeColumn) created_at!: Date;
}
