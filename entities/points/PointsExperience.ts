import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { bigintColumn } from '../columns.ts';

/** The experience that a row of the ledger gave, or, below zero, took back (P-10): those of a user add up to that of their account. */
@Entity('points_experience')
export class PointsExperience {
  @PrimaryColumn(bigintColumn) transaction_id!: number;
  @Index('points_experience_user')
  @Column({ type: 'integer' })
  user_id!: number;
  @Column({ type: 'integer' }) experience!: number;
  /** Of the user before the row: by it the rules have multiplied (RP-4). */
  @Column({ type: 'integer' }) level!: number;
}
