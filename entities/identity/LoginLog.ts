import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { bigintColumn, generatedKey, jsonColumn, timeColumn } from '../columns.ts';

/** What was unusual about a login. */
export type LoginFlag = 'new_device' | 'new_network' | 'after_failures' | 'shared_device';

/** One try to log in, good or not. */
@Entity('login_logs')
@Index('login_logs_user', ['user_id', 'log_id'])
@Index('login_logs_created', ['created_at'])
export class LoginLog {
  @PrimaryColumn(generatedKey) log_id!: number;
  /** null: the number was not registered, or the try failed before it was looked up. */
  @Column({ type: 'integer', nullable: true }) user_id!: number | null;
  @Column({ ...bigintColumn, nullable: true }) session_id!: number | null;
  /** Masked, as 139****0001. */
  @Column({ type: 'varchar', length: 16 }) mobile!: string;
  /** OK, or the code of the refusal. */
  @Column({ type: 'varchar', length: 32 }) outcome!: string;
  @Column(jsonColumn) flags!: LoginFlag[];
  @Column({ type: 'varchar', length: 128, nullable: true }) device_id!: string | null;
  @Column({ type: 'varchar', length: 64 }) ip!: string;
  /** The /24 or /48 that the address is in: as near to a region as an address alone tells. */
  @Column({ type: 'varchar', length: 64 }) network!: string;
  @Column({ type: 'varchar', length: 256, nullable: true }) user_agent!: string | null;
  @Column(timeColumn) created_at!: Date;
}
