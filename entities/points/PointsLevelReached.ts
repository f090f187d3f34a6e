import { Column, Entity, PrimaryColumn } from 'typeorm';
import { timeColumn } from '../columns.ts';

/** A level that a user has reached for the first time: it is rewarded once, however often it is lost and reached again. */
@Entity('points_levels_reached')
export class PointsLevelReached {
  @PrimaryColumn({ type: 'integer' }) user_id!: number;
  @PrimaryColumn({ type: 'integer' }) level!: number;
  @Column(timeColumn) reached_at!: Date;
}
