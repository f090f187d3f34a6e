import { Column, Entity, PrimaryColumn } from 'typeorm';
import { jsonColumn, timeColumn } from '../columns.ts';

/** Wrong codes of whoever redeems, on all nodes. */
@Entity('redemption_locks')
export class RedemptionLock {
  /** As a caller: below zero, an API key. */
  @PrimaryColumn({ type: 'integer' }) scanner_id!: number;
  /** Milliseconds since 1970 of each that counts, oldest first. */
  @Column({ ...jsonColumn, nullable: true }) wrong_at!: number[] | null;
  @Column({ ...timeColumn, nullable: true }) locked_until!: Date | null;
}
