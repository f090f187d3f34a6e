import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { bigintColumn, generatedKey, timeColumn } from '../columns.ts';
import type { MessageType } from './ChatMessage.ts';

export type ReportStatus = 'open' | 'decided';
export type ReportDecision = 'dismiss' | 'delete' | 'silence' | 'ban';

/** A message that somebody thinks should not be there, as it was then: taken back afterwards, moderators still have it (RC-4). */
@Entity('chat_reports')
@Index('chat_reports_once', ['message_id', 'reporter_id'], { unique: true })
@Index('chat_reports_status', ['status', 'report_id'])
@Index('chat_reports_decided', ['decided_at'])
@Index('chat_reports_reporter', ['reporter_id', 'created_at'])
export class ChatReport {
  @PrimaryColumn(generatedKey) report_id!: number;
  @Column(bigintColumn) message_id!: number;
  @Column({ type: 'integer' }) conversation_id!: number;
  @Column({ type: 'integer' }) reporter_id!: number;
  /** Who sent the message. */
  @Column({ type: 'integer' }) sender_id!: number;
  @Column({ type: 'varchar', length: 8 }) message_type!: MessageType;
  /** Empty: it was taken back before. */
  @Column({ type: 'text' }) content!: string;
  @Column({ type: 'varchar', length: 16 }) reason!: string;
  @Column({ type: 'varchar', length: 500, nullable: true }) comment!: string | null;
  @Column({ type: 'varchar', length: 8 }) status!: ReportStatus;
  @Column({ type: 'varchar', length: 8, nullable: true }) decision!: ReportDecision | null;
  @Column({ type: 'varchar', length: 200, nullable: true }) decision_reason!: string | null;
  @Column({ type: 'integer', nullable: true }) decided_by!: number | null;
  @Column({ ...timeColumn, nullable: true }) decided_at!: Date | null;
  @Column(timeColumn) created_at!: Date;
}
