import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { timeColumn } from './columns.ts';

/** Outbox row: written in the transaction of the change it tells of (E-1). */
@Entity('business_events')
@Index('business_events_status', ['status', 'event_id'])
export class BusinessEvent {
  @PrimaryGeneratedColumn({ type: 'integer' }) event_id!: number;
  @Column({ type: 'varchar', length: 64 }) event_type!: string;
  @Column({ type: 'integer', nullable: true }) user_id!: number | null;
  @Column({ type: 'text' }) event_data!: string;
  @Column({ type: 'varchar', length: 16, default: 'normal' }) priority!: 'normal' | 'high' | 'critical';
  @Column({ type: 'varchar', length: 16, default: 'pending' }) status!: string;
  @Column(timeColumn) created_at!: Date;
}
