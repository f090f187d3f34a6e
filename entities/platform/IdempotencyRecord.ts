import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { clientIdColumn, hashColumn, timeColumn } from '../columns.ts';

/** The first response to an Idempotency-Key, kept in the transaction of what it did (PTS-4). */
@Entity('idempotency_records')
export class IdempotencyRecord {
  @PrimaryColumn({ type: 'integer' }) user_id!: number;
  @PrimaryColumn(clientIdColumn) idempotency_key!: string;
  /** SHA-256 of method, path and body. */
  @Column(hashColumn) fingerprint!: string;
  @Column({ type: 'text' }) response!: string;
  @Index('idempotency_records_created')
  @Column(timeColumn)
  created_at!: Date;
}
