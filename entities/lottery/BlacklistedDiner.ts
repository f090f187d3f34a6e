import { Column, Entity, PrimaryColumn } from 'typeorm';
import { timeColumn } from '../columns.ts';

/** Somebody who may not draw, in any campaign (L-7). */
@Entity('lottery_blacklist')
export class BlacklistedDiner {
  @PrimaryColumn({ type: 'integer' }) user_id!: number;
  @Column({ type: 'varchar', length: 200 }) reason!: string;
  @Column({ type: 'integer' }) created_by!: number;
  @Column(timeColumn) created_at!: Date;
}
