import { Column, Entity, PrimaryColumn } from 'typeorm';
import { timeColumn } from '../columns.ts';

/** Somebody who has opened a campaign, or drawn in it. */
@Entity('lottery_campaign_visitors')
export class LotteryCampaignVisitor {
  @PrimaryColumn({ type: 'integer' }) campaign_id!: number;
  @PrimaryColumn({ type: 'integer' }) user_id!: number;
  @Column(timeColumn) first_seen_at!: Date;
  /** The business day of their first draw, as far as draws are counted; null: none yet. */
  @Column({ type: 'varchar', length: 10, nullable: true }) first_day!: string | null;
  @Column({ type: 'boolean', default: 0 }) has_won!: boolean;
}
