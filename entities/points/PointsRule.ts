import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { jsonColumn, timeColumn } from '../columns.ts';

/** A rule by which points are given (P-11), as it is edited. What holds is the published version of it: PointsRuleVersion. */
@Entity('points_rules')
@Index('points_rules_type', ['type', 'published_version'])
export class PointsRule {
  @PrimaryGeneratedColumn({ type: 'integer' }) rule_id!: number;
  @Column({ type: 'varchar', length: 32 }) type!: string;
  @Column({ type: 'varchar', length: 64 }) name!: string;
  @Column(jsonColumn) definition!: object;
  /** Grows with every edit. */
  @Column({ type: 'integer' }) version!: number;
  /** null: nothing of it holds. */
  @Column({ type: 'integer', nullable: true }) published_version!: number | null;
  @Column(timeColumn) created_at!: Date;
  @Column(timeColumn) updated_at!: Date;
}
