import { Column, Entity, PrimaryColumn } from 'typeorm';
import { jsonColumn, timeColumn } from '../columns.ts';

/** What a rule said when it was published. Never changes: rows of the ledger name it (RP-4). */
@Entity('points_rule_versions')
export class PointsRuleVersion {
  @PrimaryColumn({ type: 'integer' }) rule_id!: number;
  @PrimaryColumn({ type: 'integer' }) version!: number;
  @Column({ type: 'varchar', length: 64 }) name!: string;
  @Column(jsonColumn) definition!: object;
  @Column(timeColumn) published_at!: Date;
  /** 0: a new installation. */
  @Column({ type: 'integer' }) published_by!: number;
}
