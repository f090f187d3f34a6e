import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { bigintColumn, timeColumn } from '../columns.ts';

export type MemberRole = 'owner' | 'admin' | 'member';

/** Who is in a conversation, and how far they have read. */
@Entity('chat_members')
@Index('chat_members_user', ['user_id', 'conversation_id'])
export class ChatMember {
  @PrimaryColumn({ type: 'integer' }) conversation_id!: number;
  @PrimaryColumn({ type: 'integer' }) user_id!: number;
  @Column({ type: 'varchar', length: 8 }) role!: MemberRole;
  /** The last message that they have read, or that was there before they came. It only grows. */
  @Column({ ...bigintColumn, default: 0 }) read_seq!: number;
  /** They do not want to be told of new messages. */
  @Column({ type: 'boolean', default: 0 }) is_muted!: boolean;
  @Column(timeColumn) joined_at!: Date;
  /** Of their last message, while the conversation is slowed down. */
  @Column({ ...timeColumn, nullable: true }) sent_at!: Date | null;
}
