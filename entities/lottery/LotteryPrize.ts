import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { pointsColumn, timeColumn } from '../columns.ts';

export type PrizeType = 'points' | 'coupon' | 'physical' | 'virtual' | 'product';

/** total = remaining + won, or all of the stock null for an unlimited prize (DRAW-3); codes_given ≤ codes_total (RL-10). */
@Entity('lottery_prizes')
@Index('lottery_prizes_key', ['campaign_id', 'prize_key'], { unique: true })
export class LotteryPrize {
  @PrimaryGeneratedColumn({ type: 'integer' }) prize_id!: number;
  @Index('lottery_prizes_campaign')
  @Column({ type: 'integer' })
  campaign_id!: number;
  /** By which its campaign's document names it; null: by its id. */
  @Column({
    type: 'varchar',
    length: 64,
    charset: 'utf8mb4',
    collation: 'utf8mb4_bin',
    nullable: true,
  })
  prize_key!: string | null;
  @Column({ type: 'varchar', length: 128 }) prize_name!: string;
  @Column({ type: 'varchar', length: 16 }) prize_type!: PrizeType;
  @Column({ type: 'varchar', length: 16, default: 'normal' }) tier!: string;
  @Column(pointsColumn) prize_value!: number;
  @Column({ type: 'integer', nullable: true }) total_quantity!: number | null;
  @Column({ type: 'integer', nullable: true }) remaining_quantity!: number | null;
  @Column({ type: 'integer', default: 0 }) won_quantity!: number;
  /** Between 0 and 1, exact to 10⁻⁸; in memory the integer of 10⁻⁸. */
  @Column({
    type: 'decimal',
    precision: 9,
    scale: 8,
    transformer: {
      to: (p: number) => p / 1e8,
      from: (stored: string | number) => Math.round(Number(stored) * 1e8),
    },
  })
  win_probability!: number;
  @Column({ type: 'integer', default: 0 }) sort_order!: number;
  @Column({ type: 'integer', nullable: true }) fallback_prize_id!: number | null;
  @Column({ type: 'varchar', length: 512, nullable: true }) prize_image_url!: string | null;
  /** Of a coupon: `pool`, its codes were uploaded, and it is won as long as there are any; else its code is made here. */
  @Column({ type: 'varchar', length: 16, nullable: true }) code_source!: 'pool' | 'generated' | null;
  /** Codes of the pool that count. */
  @Column({ type: 'integer', default: 0 }) codes_total!: number;
  @Column({ type: 'integer', default: 0 }) codes_given!: number;
  @Column(timeColumn) created_at!: Date;
  @Column(timeColumn) updated_at!: Date;
}
