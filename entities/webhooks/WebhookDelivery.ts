import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { bigintColumn, clientIdColumn, generatedKey, timeColumn } from '../columns.ts';

/** pending → delivered | failed; a replay makes either pending again. */
export type WebhookDeliveryStatus = 'pending' | 'delivered' | 'failed';

/** One event for one endpoint. What is sent is read from the event, so that nothing of anybody is kept twice. */
@Entity('webhook_deliveries')
@Index('webhook_deliveries_event', ['webhook_id', 'event_id'], { unique: true })
@Index('webhook_deliveries_due', ['webhook_id', 'status', 'due_at'])
@Index('webhook_deliveries_listed', ['webhook_id', 'delivery_id'])
export class WebhookDelivery {
  @PrimaryColumn(generatedKey) delivery_id!: number;
  @Column({ type: 'integer' }) webhook_id!: number;
  @Column(bigintColumn) event_id!: number;
  @Column({ type: 'varchar', length: 64 }) event_type!: string;
  @Column({ type: 'varchar', length: 16 }) status!: WebhookDeliveryStatus;
  @Column({ type: 'integer', default: 0 }) attempts!: number;
  /** Of the last try: the answer's status, or null where there was none. */
  @Column({ type: 'integer', nullable: true }) last_status!: number | null;
  @Column({ type: 'varchar', length: 255, nullable: true }) last_error!: string | null;
  /** While it is pending: when to try it; while a node tries it: until when it is that node's. */
  @Column({ ...timeColumn, nullable: true }) due_at!: Date | null;
  @Column({ ...clientIdColumn, nullable: true }) claimed_by!: string | null;
  @Column(timeColumn) created_at!: Date;
  @Column({ ...timeColumn, nullable: true }) finished_at!: Date | null;
}
