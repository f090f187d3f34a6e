import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintColumn, pointsColumn } from '../columns.ts';

/** What the rows of one type add up to on one business day, of everybody. src/points/statistics/countDays.ts writes it. */
@Entity('points_days')
export class PointsDay {
  @PrimaryColumn({ type: 'varchar', length: 10 }) day!: string;
  @PrimaryColumn({ type: 'varchar', length: 32 }) transaction_type!: string;
  @Column(pointsColumn) income!: number;
  /** Positive. */
  @Column(pointsColumn) expense!: number;
  @Column(bigintColumn) entries!: number;
}
