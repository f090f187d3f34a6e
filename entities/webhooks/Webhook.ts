import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import { jsonColumn, timeColumn } from '../columns.ts';

/** failing: nothing has got through for a day; gone: the endpoint has answered 410; null: it is enabled, or was turned off by hand. */
export type DisabledReason = 'failing' | 'gone';

/** Where events are sent (E-6). Its secrets are sealed. */
@Entity('webhooks')
export class Webhook {
  @PrimaryGeneratedColumn({ type: 'integer' }) webhook_id!: number;
  @Column({ type: 'text' }) url!: string;
  /** Types, and prefixes as `points:*`. */
  @Column(jsonColumn) events!: string[];
  @Column({ type: 'varchar', length: 200 }) description!: string;
  @Column({ type: 'varchar', length: 16 }) status!: 'enabled' | 'disabled';
  @Column({ type: 'varchar', length: 16, nullable: true }) disabled_reason!: DisabledReason | null;
  /** Tries that have failed since one has succeeded, and when the first of them did. */
  @Column({ type: 'integer', default: 0 }) failures!: number;
  @Column({ ...timeColumn, nullable: true }) failing_since!: Date | null;
  @Column({ type: 'text' }) secret!: string;
  /** The one before a rotation signs as well until then. */
  @Column({ type: 'text', nullable: true }) previous_secret!: string | null;
  @Column({ ...timeColumn, nullable: true }) previous_until!: Date | null;
  @Column({ type: 'integer' }) version!: number;
  @Column({ type: 'integer' }) created_by!: number;
  @Column(timeColumn) created_at!: Date;
  @Column(timeColumn) updated_at!: Date;
}
