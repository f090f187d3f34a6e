import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { bigintColumn, timeColumn } from '../columns.ts';

export type ConversationType = 'restaurant' | 'private' | 'group' | 'service';

/** A conversation; its owner counts its messages here. */
@Entity('chat_conversations')
export class ChatConversation {
  @PrimaryGeneratedColumn() conversation_id!: number;
  @Column({ type: 'varchar', length: 16 }) type!: ConversationType;
  @Column({ type: 'varchar', length: 64 }) name!: string;
  /** Of a private one, `<smaller id>-<larger id>`: two people have one. */
  @Index('chat_conversations_pair', { unique: true })
  @Column({ type: 'varchar', length: 32, nullable: true })
  pair!: string | null;
  @Index('chat_conversations_restaurant', { unique: true })
  @Column({ type: 'integer', nullable: true })
  restaurant_id!: number | null;
  /** Of the last message; they count from 1 without gaps. */
  @Column({ ...bigintColumn, default: 0 }) last_seq!: number;
  /** Seconds between two messages of a member; 0: as they like. */
  @Column({ type: 'integer', default: 0 }) slow_mode_s!: number;
  /** Whether all of its messages have their grams; it may be so and not be said yet. */
  @Index('chat_conversations_indexed')
  @Column({ type: 'boolean', default: 0 })
  is_indexed!: boolean;
  @Column(timeColumn) created_at!: Date;
  @Column(timeColumn) updated_at!: Date;
}
