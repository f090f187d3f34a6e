import { Column, Entity, PrimaryColumn } from 'typeorm';
import { timeColumn } from '../columns.ts';

/** Figures that are not money, written every few seconds by the room that counts them. */
@Entity('lottery_campaign_figures')
export class LotteryCampaignFigures {
  @PrimaryColumn({ type: 'integer' }) campaign_id!: number;
  @Column({ type: 'integer' }) online!: number;
  @Column({ type: 'integer' }) online_peak!: number;
  @Column({ type: 'integer' }) joins!: number;
  @Column(timeColumn) updated_at!: Date;
}
