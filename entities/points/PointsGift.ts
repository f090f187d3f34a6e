import { Column, Entity, PrimaryColumn } from 'typeorm';
import { timeColumn } from '../columns.ts';

/** What a user was given for an occasion that comes once, or once a year. */
@Entity('points_gifts')
export class PointsGift {
  @PrimaryColumn({ type: 'integer' }) user_id!: number;
  @PrimaryColumn({ type: 'varchar', length: 16 }) occasion!: string;
  /** 0 of one that comes once. */
  @PrimaryColumn({ type: 'integer' }) year!: number;
  @Column(timeColumn) given_at!: Date;
}
