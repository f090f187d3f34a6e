import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintColumn, clientIdColumn, pointsColumn, timeColumn } from '../columns.ts';

/** One answered draw request; its key makes a repeat return the stored result (DRAW-4). */
@Entity('lottery_draw_requests')
export class LotteryDrawRequest {
  @PrimaryColumn({ type: 'integer' }) campaign_id!: number;
  @PrimaryColumn({ type: 'integer' }) user_id!: number;
  @PrimaryColumn(clientIdColumn) request_id!: string;
  @Column({ type: 'integer' }) draw_count!: number;
  @Column(clientIdColumn) client_seed!: string;
  @Column(bigintColumn) first_draw_no!: number;
  /* What the requester was told besides the draws. */
  @Column(pointsColumn) balance_after!: number;
  @Column({ type: 'integer' }) streak_after!: number;
  @Column({ type: 'integer', nullable: true }) guarantee_in!: number | null;
  @Column({ type: 'integer', nullable: true }) draws_left_today!: number | null;
  @Column({ type: 'integer', default: 0 }) free_draws_left_today!: number;
  @Column(timeColumn) created_at!: Date;
}
