import { Column, Entity, PrimaryColumn } from 'typeorm';
import { timeColumn } from '../columns.ts';

/** What somebody does here, counted of events behind what they tell of (src/analytics/profiles.ts). */
@Entity('analytics_user_profiles')
export class AnalyticsUserProfile {
  @PrimaryColumn({ type: 'integer' }) user_id!: number;
  @Column({ type: 'integer', default: 0 }) logins!: number;
  @Column({ ...timeColumn, nullable: true }) last_login_at!: Date | null;
  @Column({ type: 'integer', default: 0 }) actions!: number;
  @Column({ ...timeColumn, nullable: true }) last_action_at!: Date | null;
  /** Handed over to them, at a counter or by a parcel. */
  @Column({ type: 'integer', default: 0 }) prizes_received!: number;
  @Column(timeColumn) updated_at!: Date;
}
