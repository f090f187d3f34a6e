import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { timeColumn } from '../columns.ts';

/** Wrong codes for a number from one place since the last good login from there, whether anybody is registered or not. */
@Entity('login_locks')
export class LoginLock {
  @PrimaryColumn({ type: 'varchar', length: 16 }) mobile!: string;
  /** A network, or a device that the number's user has logged in from. */
  @PrimaryColumn({ type: 'varchar', length: 80, default: '' }) origin!: string;
  @Column({ type: 'integer', default: 0 }) consecutive_fail_count!: number;
  @Column({ ...timeColumn, nullable: true }) locked_until!: Date | null;
  @Index('login_locks_updated')
  @Column(timeColumn)
  updated_at!: Date;
}
