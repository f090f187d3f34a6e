import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { timeColumn } from '../columns.ts';

/** waiting → sent | left_out | failed; failed → waiting by an administrator. */
export type RecipientState = 'waiting' | 'sent' | 'left_out' | 'failed';

/** Somebody who was in the audience of a broadcast when it began. */
@Entity('notification_recipients')
@Index('notification_recipients_state', ['broadcast_id', 'state', 'user_id'])
@Index('notification_recipients_created', ['created_at'])
export class NotificationRecipient {
  @PrimaryColumn({ type: 'integer' }) broadcast_id!: number;
  @PrimaryColumn({ type: 'integer' }) user_id!: number;
  @Column({ type: 'varchar', length: 16 }) state!: RecipientState;
  @Column(timeColumn) created_at!: Date;
}
