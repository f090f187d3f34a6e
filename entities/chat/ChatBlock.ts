import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { timeColumn } from '../columns.ts';

/** Somebody does not want to be written to by somebody else. */
@Entity('chat_blocks')
@Index('chat_blocks_of', ['blocked_id'])
export class ChatBlock {
  @PrimaryColumn({ type: 'integer' }) user_id!: number;
  @PrimaryColumn({ type: 'integer' }) blocked_id!: number;
  @Column(timeColumn) created_at!: Date;
}
