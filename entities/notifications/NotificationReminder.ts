import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { bigintColumn, timeColumn } from '../columns.ts';

export type ReminderName =
  'campaign_launched' | 'campaign_starting' | 'campaign_ending' | 'campaign_next' | 'claim_ending';

/**
 * What the product has reminded people of: a campaign, once. Of claims one row, which says how far they have been reminded of: of all
 * items up to this end and, of that one, to this number.
 */
@Entity('notification_reminders')
@Index('notification_reminders_told', ['told_at'])
export class NotificationReminder {
  @PrimaryColumn({ type: 'varchar', length: 32 }) name!: ReminderName;
  /** A campaign; 0 of claims. */
  @PrimaryColumn({ type: 'integer' }) subject_id!: number;
  @Column({ ...timeColumn, nullable: true }) up_to_end!: Date | null;
  @Column({ ...bigintColumn, default: 0 }) up_to_item!: number;
  @Column(timeColumn) told_at!: Date;
}
