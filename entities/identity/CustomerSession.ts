import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { generatedKey, hashColumn, timeColumn } from '../columns.ts';

/** One login on one device. The refresh token is stored as its SHA-256. */
@Entity('customer_sessions')
export class CustomerSession {
  @PrimaryColumn(generatedKey) session_id!: number;
  @Index('customer_sessions_user')
  @Column({ type: 'integer' })
  user_id!: number;
  @Index('customer_sessions_refresh_token', { unique: true })
  @Column(hashColumn)
  refresh_token_hash!: string;
  @Column({ type: 'varchar', length: 128, nullable: true }) device_id!: string | null;
  @Column({ type: 'varchar', length: 64, nullable: true }) ip!: string | null;
  @Column({ type: 'varchar', length: 256, nullable: true }) user_agent!: string | null;
  @Column({ ...timeColumn, nullable: true }) refreshed_at!: Date | null;
  @Index('customer_sessions_revoked')
  @Column({ ...timeColumn, nullable: true })
  revoked_at!: Date | null;
  /** logout, ended, reused, disabled, closed, restored */
  @Column({ type: 'varchar', length: 32, nullable: true }) revoked_reason!: string | null;
  @Column(timeColumn) expires_at!: Date;
  @Column(timeColumn) created_at!: Date;
}
