import { Column, Entity, PrimaryColumn } from 'typeorm';
import { pointsColumn } from '../columns.ts';

/** What a rule has granted to a user on one business day: its caps count it (RP-11). */
@Entity('points_rule_uses')
export class PointsRuleUse {
  @PrimaryColumn({ type: 'integer' }) user_id!: number;
  @PrimaryColumn({ type: 'integer' }) rule_id!: number;
  @PrimaryColumn({ type: 'varchar', length: 10 }) day!: string;
  @Column(pointsColumn) granted!: number;
}
