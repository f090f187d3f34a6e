import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { bigintColumn, hashColumn, timeColumn } from '../columns.ts';

/** Draws of a campaign that is over, one after the other and with their requests, instead of a row of each (RO-6). */
@Entity('lottery_draw_packs')
@Index('lottery_draw_packs_log', ['campaign_id', 'last_log_no'])
export class LotteryDrawPack {
  @PrimaryColumn({ type: 'integer' }) campaign_id!: number;
  @PrimaryColumn(bigintColumn) first_draw_no!: number;
  @Column(bigintColumn) last_draw_no!: number;
  @Column(bigintColumn) first_log_no!: number;
  @Column(bigintColumn) last_log_no!: number;
  /** Of the draw that was the last by its time: clocks step back. */
  @Column(timeColumn) last_time!: Date;
  /** Of the JSON in `content`. */
  @Column(hashColumn) content_hash!: string;
  /** As COMPRESS() of MySQL makes it: src/lottery/archive/drawPack.ts. */
  @Column({ type: 'blob' }) content!: Buffer;
  @Column(timeColumn) packed_at!: Date;
}
