import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Whose lock gives notifications their numbers (RC-16). */
@Entity('notification_inboxes')
export class NotificationInbox {
  @PrimaryColumn({ type: 'integer' }) user_id!: number;
  @Column({ type: 'integer', default: 0 }) last_no!: number;
  /** Everything up to this number is read (RC-12). */
  @Column({ type: 'integer', default: 0 }) read_up_to!: number;
}
