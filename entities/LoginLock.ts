import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { timeColumn } from './columns.ts';

/** Failed logins of a number since its last good one, whether anybody is registered by it or not. */
@Entity('login_locks')
export class LoginLock {
  @PrimaryColumn({ type: 'varchar', length: 16 }) mobile!: string;
  @Column({ type: 'integer', default: 0 }) consecutive_fail_count!: number;
  @Column({ ...timeColumn, nullable: true }) locked_until!: Date | null;
  @Index('login_locks_updated')
  @Column(timeColumn)
  updated_at!: Date;
}
