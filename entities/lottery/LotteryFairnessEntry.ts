import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { bigintColumn, hashColumn, timeColumn } from '../columns.ts';

/** An entry of the fairness log that is not a draw; draws carry their own log_no and chain_hash. */
@Entity('lottery_fairness_entries')
@Index('lottery_fairness_entries_kind', ['campaign_id', 'kind', 'log_no'])
export class LotteryFairnessEntry {
  @PrimaryColumn({ type: 'integer' }) campaign_id!: number;
  @PrimaryColumn(bigintColumn) log_no!: number;
  @Column({ type: 'varchar', length: 8 }) kind!: 'seed' | 'config' | 'stock';
  /** JSON of the kind's public fields. */
  @Column({ type: 'text' }) payload!: string;
  @Column(hashColumn) chain_hash!: string;
  @Column(timeColumn) created_at!: Date;
}
