import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What somebody wants to be told. Who has no row wants everything at any time. */
@Entity('notification_preferences')
export class NotificationPreference {
  @PrimaryColumn({ type: 'integer' }) user_id!: number;
  /** `system` without notices of security, which cannot be switched off (RC-11). */
  @Column({ type: 'boolean', default: 1 }) wants_system!: boolean;
  @Column({ type: 'boolean', default: 1 }) wants_activity!: boolean;
  @Column({ type: 'boolean', default: 1 }) wants_lottery!: boolean;
  @Column({ type: 'boolean', default: 1 }) wants_points!: boolean;
  /** HH:MM of the restaurants' time zone, both or none: nothing is pushed in between. */
  @Column({ type: 'varchar', length: 5, nullable: true }) quiet_from!: string | null;
  @Column({ type: 'varchar', length: 5, nullable: true }) quiet_to!: string | null;
}
