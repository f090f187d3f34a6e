import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import { jsonColumn, timeColumn } from '../columns.ts';
import type { BehaviorKind } from './AnalyticsBehavior.ts';

/** As it is on the wire. */
export interface KeptFunnelStep {
  kind: BehaviorKind;
  name: string;
  target_type: string | null;
  target_id: number | null;
}

/** Steps of deeds that somebody looks at again and again. */
@Entity('analytics_funnels')
export class AnalyticsFunnel {
  @PrimaryGeneratedColumn() funnel_id!: number;
  @Column({ type: 'varchar', length: 64 }) name!: string;
  @Column(jsonColumn) steps!: KeptFunnelStep[];
  @Column({ type: 'integer' }) window_seconds!: number;
  @Column({ type: 'varchar', length: 8 }) step_order!: 'ordered' | 'strict' | 'any';
  @Column({ type: 'varchar', length: 8 }) unit!: 'person' | 'visit';
  @Column({ type: 'integer' }) version!: number;
  @Column(timeColumn) created_at!: Date;
  @Column(timeColumn) updated_at!: Date;
}
