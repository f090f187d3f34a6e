import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { bigintColumn, jsonColumn, timeColumn } from '../columns.ts';

export const NOTIFICATION_KINDS = ['system', 'activity', 'lottery', 'points'] as const;
export type NotificationKind = (typeof NOTIFICATION_KINDS)[number];

/** What somebody is told. Its text is made of `type` and `data` when it is read, in the reader's language. */
@Entity('notifications')
@Index('notifications_event', ['event_id', 'user_id', 'kind', 'type'], { unique: true })
@Index('notifications_created', ['created_at'])
export class Notification {
  @PrimaryColumn({ type: 'integer' }) user_id!: number;
  /** Counts each user's own, in the order in which they become visible (RC-16). */
  @PrimaryColumn({ type: 'integer' }) notification_no!: number;
  /** What it tells of; of each event a user is told once (RC-10). */
  @Column(bigintColumn) event_id!: number;
  @Column({ type: 'varchar', length: 16 }) kind!: NotificationKind;
  @Column({ type: 'varchar', length: 32 }) type!: string;
  @Column(jsonColumn) data!: Record<string, unknown>;
  /** Read by itself; those up to the inbox's `read_up_to` are read whatever stands here. */
  @Column({ type: 'boolean', default: 0 }) is_read!: boolean;
  @Column(timeColumn) created_at!: Date;
}
