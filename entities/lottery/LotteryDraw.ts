import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { bigintColumn, clientIdColumn, hashColumn, pointsColumn, timeColumn } from '../columns.ts';

/** One draw, with all that its proof needs. draw_id = campaign_id × 10¹⁰ + draw_no. */
@Entity('lottery_draws')
@Index('lottery_draws_log', ['campaign_id', 'log_no'], { unique: true })
@Index('lottery_draws_user_time', ['user_id', 'draw_time', 'draw_id'])
export class LotteryDraw {
  @PrimaryColumn(bigintColumn) draw_id!: number;
  @Column({ type: 'integer' }) campaign_id!: number;
  @Column(bigintColumn) draw_no!: number;
  @Column(bigintColumn) log_no!: number;
  @Column({ type: 'integer' }) user_id!: number;
  @Column(clientIdColumn) request_id!: string;
  @Column(clientIdColumn) client_seed!: string;
  @Column({ type: 'integer' }) fairness_epoch!: number;
  @Column({ type: 'integer' }) table_version!: number;
  @Column({ type: 'integer' }) level_bp!: number;
  @Column({ type: 'integer' }) period_bp!: number;
  @Column({ type: 'integer' }) pity_bp!: number;
  @Column({ type: 'integer' }) streak_before!: number;
  @Column(bigintColumn) roll!: number;
  /** Half-open interval of rolls that give the rolled prize (or no prize). */
  @Column(bigintColumn) interval_from!: number;
  @Column(bigintColumn) interval_to!: number;
  @Column({ type: 'integer', nullable: true }) rolled_prize_id!: number | null;
  @Column({ type: 'integer', nullable: true }) prize_id!: number | null;
  @Column({ type: 'boolean' }) is_winner!: boolean;
  @Column({ type: 'boolean' }) is_guarantee!: boolean;
  @Column(pointsColumn) points_cost!: number;
  @Column(hashColumn) chain_hash!: string;
  @Column(timeColumn) draw_time!: Date;
}
