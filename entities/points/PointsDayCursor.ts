import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintColumn } from '../columns.ts';

/** How far the ledger is counted in its days: one row, which whoever counts holds. */
@Entity('points_day_cursors')
export class PointsDayCursor {
  @PrimaryColumn({ type: 'integer' }) cursor_id!: number;
  /** Rows up to this one are in `points_days`, each once. */
  @Column(bigintColumn) transaction_id!: number;
}
