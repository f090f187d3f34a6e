import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { bigintColumn, pointsColumn } from '../columns.ts';

/** A ledger row that takes back another one, whole or in part (P-5). */
@Entity('points_reversals')
@Index('points_reversals_original', ['original_id'])
export class PointsReversal {
  @PrimaryColumn(bigintColumn) transaction_id!: number;
  @Column(bigintColumn) original_id!: number;
  /** Positive, of the original's amount. */
  @Column(pointsColumn) amount!: number;
}
