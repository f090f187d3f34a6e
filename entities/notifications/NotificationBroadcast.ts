import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { bigintColumn, clientIdColumn, jsonColumn, timeColumn } from '../columns.ts';
import type { NotificationKind } from './Notification.ts';

export type BroadcastStatus = 'scheduled' | 'collecting' | 'sending' | 'completed' | 'failed' | 'cancelled';

/** Who is told something, as it was asked for. */
export type BroadcastAudience =
  | { all: true }
  | { segment: string }
  | { restaurant_id: number }
  | { campaign_id: number }
  | { user_ids: readonly number[] }
  /** Of a campaign, by the product itself: whom it may please, and who has looked and not drawn (src/lottery/campaignNews.ts). */
  | { guests_like: number }
  | { waiting_guests: number };

/** By language. */
export interface BroadcastText {
  'zh-CN': string;
  en: string;
}

/** One thing that many people are told. Its states: src/notifications/broadcasts/steps.ts. */
@Entity('notification_broadcasts')
@Index('notification_broadcasts_due', ['status', 'send_at'])
export class NotificationBroadcast {
  @PrimaryColumn({ type: 'integer', generated: 'increment' }) broadcast_id!: number;
  /** What its notifications tell of: with the person and the kind, their identity (RC-10). */
  @Index('notification_broadcasts_event', { unique: true })
  @Column(bigintColumn)
  event_id!: number;
  @Column({ type: 'varchar', length: 16 }) kind!: NotificationKind;
  @Column({ type: 'varchar', length: 32 }) type!: string;
  @Column(jsonColumn) audience!: BroadcastAudience;
  /** null: what the type says of itself. */
  @Column({ type: 'simple-json', nullable: true }) title!: BroadcastText | null;
  @Column({ type: 'simple-json', nullable: true }) body!: BroadcastText | null;
  @Column(jsonColumn) data!: Record<string, unknown>;
  @Column({ type: 'varchar', length: 16 }) status!: BroadcastStatus;
  @Column(timeColumn) send_at!: Date;
  /** The last user that there was when it began; null before. */
  @Column({ type: 'integer', nullable: true }) up_to_user_id!: number | null;
  /** Users up to this one have been looked at for its audience. */
  @Column({ type: 'integer', default: 0 }) collected_to!: number;
  /** Of recipients; they are final once it is sending. */
  @Column({ type: 'integer', default: 0 }) total!: number;
  @Column({ type: 'integer', default: 0 }) sent!: number;
  /** Gone, blocked, or not wanting to be told when it was their turn. */
  @Column({ type: 'integer', default: 0 }) left_out!: number;
  @Column({ type: 'integer', default: 0 }) failed!: number;
  /** The node that sends it, and until when it is that node's. */
  @Column({ ...clientIdColumn, nullable: true }) claimed_by!: string | null;
  @Column({ ...timeColumn, nullable: true }) claimed_until!: Date | null;
  /** null: the product itself. */
  @Column({ type: 'integer', nullable: true }) created_by!: number | null;
  @Column(timeColumn) created_at!: Date;
  @Column({ ...timeColumn, nullable: true }) finished_at!: Date | null;
}
