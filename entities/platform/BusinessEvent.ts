import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { generatedKey, timeColumn } from '../columns.ts';

export type EventStatus = 'pending' | 'processing' | 'completed' | 'failed' | 'dead_letter' | 'unknown';

/** Outbox row: written in the transaction of the change it tells of (E-1). Its states: src/platform/events/relay.ts. */
@Entity('business_events')
@Index('business_events_due', ['status', 'priority', 'event_id'])
@Index('business_events_type', ['event_type', 'event_id'])
export class BusinessEvent {
  @PrimaryColumn(generatedKey) event_id!: number;
  @Column({ type: 'varchar', length: 64 }) event_type!: string;
  @Column({ type: 'integer', nullable: true }) user_id!: number | null;
  @Column({ type: 'text' }) event_data!: string;
  /** In the order of the alphabet, which the index and its readers rely on: critical, high, normal. */
  @Column({ type: 'varchar', length: 16, default: 'normal' }) priority!: 'normal' | 'high' | 'critical';
  @Column({ type: 'varchar', length: 16, default: 'pending' }) status!: EventStatus;
  /** Tries that failed. */
  @Column({ type: 'integer', default: 0 }) attempts!: number;
  /** Claims whose node did not finish. */
  @Column({ type: 'integer', default: 0 }) takeovers!: number;
  /** Nobody claims it before: the end of the lease while processing, of the backoff while failed. */
  @Column({ ...timeColumn, nullable: true }) available_at!: Date | null;
  /** The node that has leased it last; null where it was done with its claim. */
  @Column({ type: 'varchar', length: 64, nullable: true }) claimed_by!: string | null;
  @Column({ ...timeColumn, nullable: true }) processed_at!: Date | null;
  /** Of the last try that failed, without anybody's data. */
  @Column({ type: 'varchar', length: 255, nullable: true }) last_error!: string | null;
  @Column(timeColumn) created_at!: Date;
  /** Published by an administrator; nothing of it has happened (RE-11). */
  @Column({ type: 'boolean', default: 0 }) is_simulated!: boolean;
}
