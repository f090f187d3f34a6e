import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { generatedKey, hashColumn, timeColumn } from '../columns.ts';

export type SimulationStatus = 'running' | 'completed' | 'failed' | 'cancelled';

/** A simulation of a configuration (L-11). Its states: src/lottery/simulation/simulations.ts. */
@Entity('lottery_simulations')
@Index('lottery_simulations_config', ['config_hash', 'simulation_id'])
export class LotterySimulation {
  @PrimaryColumn(generatedKey) simulation_id!: number;
  /** null: of a configuration that is no campaign's. */
  @Column({ type: 'integer', nullable: true }) campaign_id!: number | null;
  /** Of the RFC 8785 JSON of the configuration that was simulated. */
  @Column(hashColumn) config_hash!: string;
  @Column({ type: 'varchar', length: 64 }) seed!: string;
  /** Of one of its campaigns. */
  @Column({ type: 'integer' }) draws!: number;
  @Column({ type: 'integer' }) runs!: number;
  @Column({ type: 'varchar', length: 16 }) status!: SimulationStatus;
  /** From 0 to 1. */
  @Column({
    type: 'decimal',
    precision: 5,
    scale: 4,
    transformer: { to: (progress: number) => progress, from: (stored: string | number) => Number(stored) },
  })
  progress!: number;
  /** JSON; null until it is completed. */
  @Column({ type: 'text', nullable: true }) result!: string | null;
  @Column({ type: 'integer' }) author_id!: number;
  @Column(timeColumn) created_at!: Date;
  @Column({ ...timeColumn, nullable: true }) finished_at!: Date | null;
  /** When its node was last heard of. */
  @Column(timeColumn) heartbeat_at!: Date;
}
