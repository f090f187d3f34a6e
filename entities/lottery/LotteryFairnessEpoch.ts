import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintColumn, hashColumn, timeColumn } from '../columns.ts';

/** One server seed of one campaign, encrypted at rest. Published once revealed_at is set. */
@Entity('lottery_fairness_epochs')
export class LotteryFairnessEpoch {
  @PrimaryColumn({ type: 'integer' }) campaign_id!: number;
  @PrimaryColumn({ type: 'integer' }) epoch!: number;
  @Column(hashColumn) server_seed_hash!: string;
  /** AES-256-GCM: base64 of nonce ‖ tag ‖ ciphertext. */
  @Column({ type: 'varchar', length: 128 }) encrypted_seed!: string;
  /** Lower-case hex, once it is revealed; null also where it was revealed before this was kept. */
  @Column({ ...hashColumn, nullable: true }) server_seed!: string | null;
  @Column(bigintColumn) from_draw_no!: number;
  @Column({ ...bigintColumn, nullable: true }) to_draw_no!: number | null;
  @Column(timeColumn) committed_at!: Date;
  @Column({ ...timeColumn, nullable: true }) revealed_at!: Date | null;
}
