import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { bigintColumn, clientIdColumn, generatedKey, timeColumn } from '../columns.ts';

export type MessageType = 'text' | 'image' | 'emoji' | 'card' | 'system';

/** A message, which is sent once by what its sender calls it. Recalled, it keeps its place and loses what it said (RC-4). */
@Entity('chat_messages')
@Index('chat_messages_seq', ['conversation_id', 'seq'], { unique: true })
@Index('chat_messages_sender', ['sender_id', 'message_id'])
@Index('chat_messages_sent', ['conversation_id', 'sender_id', 'client_msg_id'], { unique: true })
export class ChatMessage {
  @PrimaryColumn(generatedKey) message_id!: number;
  @Column({ type: 'integer' }) conversation_id!: number;
  @Column(bigintColumn) seq!: number;
  /** null: of the conversation itself. */
  @Column({ type: 'integer', nullable: true }) sender_id!: number | null;
  @Column({ ...clientIdColumn, nullable: true }) client_msg_id!: string | null;
  @Column({ type: 'varchar', length: 8 }) type!: MessageType;
  @Column({ type: 'text' }) content!: string;
  /** Of the list of words that judged it; null: of those who are judged by none, or from before there was one. */
  @Column({ type: 'integer', nullable: true }) word_version!: number | null;
  @Column(timeColumn) created_at!: Date;
  @Column({ ...timeColumn, nullable: true }) recalled_at!: Date | null;
}
