import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import {
  bigintColumn,
  clientIdColumn,
  generatedKey,
  hashColumn,
  pointsColumn,
  timeColumn,
} from '../columns.ts';

/** A bill that a diner says they have paid, and wants the points for. What becomes of it is its review's to say. */
@Entity('spend_claims')
@Index('spend_claims_user', ['user_id', 'claim_id'])
@Index('spend_claims_bill', ['bill_no', 'claim_id'])
@Index('spend_claims_photo', ['photo_hash', 'claim_id'])
export class SpendClaim {
  @PrimaryColumn(generatedKey) claim_id!: number;
  @Column({ type: 'integer' }) user_id!: number;
  @Column({ type: 'integer' }) restaurant_id!: number;
  /** As it stands on the bill. */
  @Column(clientIdColumn) bill_no!: string;
  /** In fen, as a decimal of yuan. */
  @Column(pointsColumn) amount!: number;
  @Column(timeColumn) paid_at!: Date;
  /** The photo of the bill. */
  @Column({ ...bigintColumn, nullable: true }) image_id!: number | null;
  /** Of the first photo like it, whoever has sent that, and still here when it has gone. */
  @Column({ ...hashColumn, nullable: true }) photo_hash!: string | null;
  /** By which one that was written anew is known. */
  @Column({ ...hashColumn, nullable: true }) photo_likeness!: string | null;
  /** That it became when it was approved. */
  @Column({ ...bigintColumn, nullable: true }) bill_id!: number | null;
  @Column(timeColumn) created_at!: Date;
}
