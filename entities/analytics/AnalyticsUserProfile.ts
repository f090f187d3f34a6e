import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { pointsColumn, timeColumn } from '../columns.ts';

/**
 * What somebody does here in all, counted of events behind what they tell of (src/analytics/profiles.ts). There is one of everybody who
 * has an account, and of nobody who has closed it.
 */
@Entity('analytics_user_profiles')
export class AnalyticsUserProfile {
  @PrimaryColumn({ type: 'integer' }) user_id!: number;
  @Column({ type: 'integer', default: 0 }) logins!: number;
  @Column({ ...timeColumn, nullable: true }) last_login_at!: Date | null;
  @Column({ type: 'integer', default: 0 }) actions!: number;
  @Column({ ...timeColumn, nullable: true }) last_action_at!: Date | null;
  /** Handed over to them, at a counter or by a parcel. */
  @Column({ type: 'integer', default: 0 }) prizes_received!: number;
  @Column({ type: 'integer', default: 0 }) draws!: number;
  /** Of those, the ones that cost nothing. */
  @Column({ type: 'integer', default: 0 }) free_draws!: number;
  @Column({ type: 'integer', default: 0 }) exchanges!: number;
  /** Settled ones, on either side. */
  @Column({ type: 'integer', default: 0 }) trades!: number;
  @Column({ type: 'integer', default: 0 }) check_ins!: number;
  @Column({ type: 'integer', default: 0 }) bills!: number;
  /** In fen, as a decimal of yuan: without what was given back. */
  @Column({ ...pointsColumn, default: 0 }) spent!: number;
  @Column({ ...pointsColumn, nullable: true }) last_bill!: number | null;
  @Column({ ...timeColumn, nullable: true }) last_bill_at!: Date | null;
  /** Of what they did themself: a draw, an exchange, a check-in, a bill. */
  @Column({ ...timeColumn, nullable: true }) first_active_at!: Date | null;
  @Column({ ...timeColumn, nullable: true }) last_active_at!: Date | null;
  /** Grows with each change. */
  @Column({ type: 'integer', default: 0 }) revision!: number;
  /** The first change that segments have not seen; null: they have seen all. */
  @Index('analytics_user_profiles_changed')
  @Column({ ...timeColumn, nullable: true })
  changed_at!: Date | null;
  @Column(timeColumn) updated_at!: Date;
}
