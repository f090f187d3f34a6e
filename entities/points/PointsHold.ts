import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { bigintColumn, generatedKey, pointsColumn, timeColumn } from '../columns.ts';

/** Points that are frozen for something: amount = held + committed + what was released (P-4). */
@Entity('points_holds')
@Index('points_holds_user', ['user_id', 'status', 'hold_id'])
@Index('points_holds_due', ['status', 'expires_at'])
export class PointsHold {
  @PrimaryColumn(generatedKey) hold_id!: number;
  @Column({ type: 'integer' }) user_id!: number;
  /** held until nothing of it is; then committed where anything was, else released. */
  @Column({ type: 'varchar', length: 16 }) status!: 'held' | 'committed' | 'released';
  @Column(pointsColumn) amount!: number;
  @Column(pointsColumn) held!: number;
  @Column({ ...pointsColumn, default: 0 }) committed!: number;
  /** Where it begins on the user's line of spending: committed from there on, released from its end. */
  @Column(pointsColumn) spent_from!: number;
  @Column({ type: 'varchar', length: 255 }) reason!: string;
  /** The transfer that waits for a review: nothing but that moves it. */
  @Column({ ...bigintColumn, nullable: true }) transfer_id!: number | null;
  /** The trade that it pays, in the end: nothing but that moves it either. */
  @Column({ ...bigintColumn, nullable: true }) trade_id!: number | null;
  /** Released by itself then. */
  @Column({ ...timeColumn, nullable: true }) expires_at!: Date | null;
  @Column(timeColumn) created_at!: Date;
  @Column(timeColumn) updated_at!: Date;
}
