import { Column, Entity, PrimaryColumn } from 'typeorm';
import { pointsColumn } from '../columns.ts';

/** What a user gained and lost on one business day from one source, but for what their account still has open of it. */
@Entity('points_daily')
export class PointsDaily {
  @PrimaryColumn({ type: 'integer' }) user_id!: number;
  @PrimaryColumn({ type: 'varchar', length: 10 }) day!: string;
  @PrimaryColumn({ type: 'varchar', length: 32 }) source!: string;
  @Column(pointsColumn) income!: number;
  /** Positive. */
  @Column(pointsColumn) expense!: number;
}
