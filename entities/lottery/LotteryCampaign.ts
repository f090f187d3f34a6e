import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import { bigintColumn, hashColumn, jsonColumn, pointsColumn, timeColumn } from '../columns.ts';

export type CampaignStatus = 'draft' | 'scheduled' | 'active' | 'paused' | 'ended' | 'archived';
export interface PityStep {
  /** Losing draws in a row from which the bonus holds. */
  after: number;
  bonus_bp: number;
}
export interface BonusPeriod {
  starts_at: string;
  ends_at: string;
  bonus_bp: number;
}
/** Who may draw; what is not named is asked of nobody (L-7). */
export interface Conditions {
  min_level?: number;
  max_level?: number;
  /** Points gained in all, ever. */
  min_history_points?: number;
  /** Registered before or from a moment on. */
  registered_before?: string;
  registered_after?: string;
  /** In one of these at least. */
  segments?: string[];
  /** Has a bill of one of these at least. */
  visited_restaurant_ids?: number[];
}

@Entity('lottery_campaigns')
export class LotteryCampaign {
  @PrimaryGeneratedColumn({ type: 'integer' }) campaign_id!: number;
  @Column({ type: 'varchar', length: 128 }) campaign_name!: string;
  @Column({ type: 'varchar', length: 16, default: 'wheel' }) campaign_type!: string;
  @Column({ type: 'text', nullable: true }) description!: string | null;
  @Column({ type: 'varchar', length: 16 }) status!: CampaignStatus;
  @Column(timeColumn) start_time!: Date;
  @Column(timeColumn) end_time!: Date;
  @Column(pointsColumn) cost_per_draw!: number;
  /** The most draws the campaign gives; null: no bound. */
  @Column({ type: 'integer', nullable: true }) total_draws!: number | null;
  @Column({ type: 'integer', nullable: true }) remaining_draws!: number | null;
  @Column({ type: 'integer', nullable: true }) draws_per_user_per_day!: number | null;
  @Column({ type: 'integer', nullable: true }) guarantee_threshold!: number | null;
  @Column({ type: 'integer', nullable: true }) guarantee_prize_id!: number | null;
  @Column(jsonColumn) pity_steps!: PityStep[];
  /** level → bonus in 1/10000. */
  @Column(jsonColumn) level_bonus_bp!: Record<string, number>;
  @Column(jsonColumn) bonus_periods!: BonusPeriod[];
  /** A fairness seed serves this many draws, then it is revealed and the next one takes over. */
  @Column({ type: 'integer', default: 1000 }) seed_rotation_draws!: number;
  /** … or this long, whichever comes first; null: by draws alone. */
  @Column({ type: 'integer', nullable: true }) seed_rotation_seconds!: number | null;
  @Column({ type: 'integer', default: 0 }) participants!: number;
  /** The first draws of a diner on a day that cost nothing. */
  @Column({ type: 'integer', default: 0 }) free_draws_per_day!: number;
  @Column({ type: 'integer', nullable: true }) wins_per_user!: number | null;
  /** Of one diner; null: what the setting allows. */
  @Column({ type: 'integer', nullable: true }) draws_per_second!: number | null;
  @Column({ ...jsonColumn, nullable: true }) conditions!: Conditions | null;
  /** Where it runs and its prizes are redeemed; null or empty: everywhere. */
  @Column({ ...jsonColumn, nullable: true }) restaurant_ids!: number[] | null;
  /** What diners are told by law, by name. */
  @Column({ ...jsonColumn, nullable: true }) disclosures!: Record<string, string> | null;
  /** Business days in which a prize is to be claimed, the day of the win not among them; null: at any time. */
  @Column({ type: 'integer', nullable: true }) claim_days!: number | null;
  /** What nobody claimed is drawn again. */
  @Column({ type: 'boolean', default: 0 }) return_unclaimed!: boolean;
  /** Of the document: each change raises it (RA-1). */
  @Column({ type: 'integer', default: 1 }) version!: number;
  /** null: not written by a person. */
  @Column({ type: 'integer', nullable: true }) author_id!: number | null;
  @Column({ type: 'integer', nullable: true }) editor_id!: number | null;

  /* The owner's position: every commit checks owner_epoch and moves the rest (DRAW-1). */
  @Column({ type: 'integer', default: 0 }) owner_epoch!: number;
  @Column({ ...bigintColumn, default: 0 }) draw_no!: number;
  @Column({ ...bigintColumn, default: 0 }) log_no!: number;
  /** draw_no of the last draws that won, newest first, with commas between: a new owner reads those draws by their keys. */
  @Column({ type: 'varchar', length: 255, default: '' }) recent_wins!: string;
  @Column(hashColumn) chain_head!: string;
  @Column({ type: 'integer', default: 0 }) table_version!: number;
  @Column({ type: 'integer', default: 0 }) fairness_epoch!: number;

  @Column(timeColumn) created_at!: Date;
  @Column(timeColumn) updated_at!: Date;
}
