import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintColumn, timeColumn } from '../columns.ts';

/** How far the draws of a campaign are counted in its statistics. Whoever changes any of them holds this row. */
@Entity('lottery_statistics_cursors')
export class LotteryStatisticsCursor {
  @PrimaryColumn({ type: 'integer' }) campaign_id!: number;
  /** Draws up to this number are in the periods, each once. */
  @Column(bigintColumn) draw_no!: number;
  /** Rows of `lottery_campaign_visitors`, and those of them who have won. */
  @Column({ type: 'integer' }) visitors!: number;
  @Column({ type: 'integer' }) winners!: number;
  @Column(timeColumn) updated_at!: Date;
}
