import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { generatedKey, pointsColumn, timeColumn } from '../columns.ts';

/** One movement of one account's available points. Rows are never updated but for status (PTS-2). */
@Entity('points_transactions')
@Index('points_transactions_user_list', ['user_id', 'transaction_id', 'transaction_type', 'created_at'])
export class PointsTransaction {
  @PrimaryColumn(generatedKey) transaction_id!: number;
  @Column({ type: 'integer' }) user_id!: number;
  @Column({ type: 'varchar', length: 32 }) transaction_type!: string;
  @Column(pointsColumn) amount!: number;
  @Column(pointsColumn) balance_before!: number;
  @Column(pointsColumn) balance_after!: number;
  @Column({ type: 'varchar', length: 16, default: 'completed' }) status!: string;
  @Column({ type: 'varchar', length: 32 }) source!: string;
  @Column({ type: 'varchar', length: 255 }) reason!: string;
  @Column({ type: 'varchar', length: 64, nullable: true }) related_id!: string | null;
  /** Of what was spent or held: where it begins on the user's line of spending. */
  @Column({ ...pointsColumn, nullable: true }) spent_from!: number | null;
  /** The published rule that made it. */
  @Column({ type: 'integer', nullable: true }) rule_id!: number | null;
  @Column({ type: 'integer', nullable: true }) rule_version!: number | null;
  @Column(timeColumn) created_at!: Date;
}
