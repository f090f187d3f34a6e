import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { bigintColumn, generatedKey, pointsColumn, timeColumn } from '../columns.ts';

/** Points that came together and end together (P-6). What has been spent of them may not be settled yet: src/points/lots.ts. */
@Entity('points_lots')
@Index('points_lots_user', ['user_id', 'remaining'])
export class PointsLot {
  @PrimaryColumn(generatedKey) lot_id!: number;
  @Column({ type: 'integer' }) user_id!: number;
  /** Type and related id of the ledger row that made it; its id where it was posted alone. */
  @Column({ type: 'varchar', length: 32 }) origin_type!: string;
  @Column({ ...bigintColumn, nullable: true }) transaction_id!: number | null;
  @Column({ type: 'varchar', length: 64, nullable: true }) related_id!: string | null;
  @Column(pointsColumn) amount!: number;
  @Column(pointsColumn) remaining!: number;
  /** Where the user's line of spending stood when it was made: what lies before never takes of it. */
  @Column(pointsColumn) spent_before!: number;
  /** The first moment at which it is not spendable any more: the end of a business day. */
  @Column({ ...timeColumn, nullable: true }) expires_at!: Date | null;
  @Column(timeColumn) created_at!: Date;
}
