import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { bigintColumn, generatedKey, pointsColumn } from '../columns.ts';

/** A part of a user's line of spending that was taken of one lot, and not given back. */
@Entity('points_lot_uses')
@Index('points_lot_uses_user', ['user_id', 'spent_to'])
export class PointsLotUse {
  @PrimaryColumn(generatedKey) use_id!: number;
  @Column({ type: 'integer' }) user_id!: number;
  @Column(bigintColumn) lot_id!: number;
  @Column(pointsColumn) spent_from!: number;
  @Column(pointsColumn) spent_to!: number;
}
