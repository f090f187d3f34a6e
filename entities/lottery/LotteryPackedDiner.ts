import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintColumn, timeColumn } from '../columns.ts';

/** In which packs the draws of a user are. */
@Entity('lottery_packed_diners', { withoutRowid: true })
export class LotteryPackedDiner {
  @PrimaryColumn({ type: 'integer' }) user_id!: number;
  @PrimaryColumn({ type: 'integer' }) campaign_id!: number;
  /** Of the pack. */
  @PrimaryColumn(bigintColumn) first_draw_no!: number;
  /** The user's in it. */
  @Column({ type: 'integer' }) draws!: number;
  /** Of theirs that was the last by its time. */
  @Column(timeColumn) last_time!: Date;
}
