import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { generatedKey, pointsColumn, timeColumn } from '../columns.ts';

/** pending → done, or it is not made: declined by one of the two, cancelled by the administration, or expired. */
export type MergeStatus = 'pending' | 'done' | 'declined' | 'cancelled' | 'expired';

/** Two accounts of one person that become one: one ends, and the other has what it had. */
@Entity('account_merges')
@Index('account_merges_from', ['from_user_id', 'merge_id'])
@Index('account_merges_into', ['into_user_id', 'merge_id'])
@Index('account_merges_due', ['status', 'expires_at'])
export class AccountMerge {
  @PrimaryColumn(generatedKey) merge_id!: number;
  /** The account that ends. */
  @Column({ type: 'integer' }) from_user_id!: number;
  /** The account that stays. */
  @Column({ type: 'integer' }) into_user_id!: number;
  @Column({ type: 'varchar', length: 16 }) status!: MergeStatus;
  /** Nobody can log in to the account that ends: a second administrator may confirm in its place. */
  @Column({ type: 'boolean' }) is_number_lost!: boolean;
  @Column({ type: 'varchar', length: 200 }) reason!: string;
  @Column({ type: 'integer' }) asked_by!: number;
  /** When the person has confirmed it by each of the two; null: not yet. */
  @Column({ ...timeColumn, nullable: true }) from_confirmed_at!: Date | null;
  @Column({ ...timeColumn, nullable: true }) into_confirmed_at!: Date | null;
  /** What was moved, once it is done; 1/100 points. */
  @Column({ ...pointsColumn, nullable: true }) points!: number | null;
  @Column({ type: 'integer', nullable: true }) items!: number | null;
  @Column(timeColumn) created_at!: Date;
  @Column(timeColumn) expires_at!: Date;
  @Column({ ...timeColumn, nullable: true }) ended_at!: Date | null;
}
