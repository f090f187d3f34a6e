import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { timeColumn } from '../columns.ts';

export type Role = 'user' | 'staff' | 'admin' | 'super_admin';

@Entity('users')
@Index('users_birthday', ['birthday_month_day', 'user_id'])
export class User {
  @PrimaryGeneratedColumn({ type: 'integer' }) user_id!: number;
  @Index('users_mobile', { unique: true })
  @Column({ type: 'varchar', length: 16 })
  mobile!: string;
  @Column({ type: 'varchar', length: 64 }) nickname!: string;
  @Column({ type: 'varchar', length: 512, nullable: true }) avatar_url!: string | null;
  @Index('users_role')
  @Column({ type: 'varchar', length: 16, default: 'user' })
  role!: Role;
  /** closed: the person is gone, the ledger stays. */
  @Column({ type: 'varchar', length: 16, default: 'active' }) status!: 'active' | 'disabled' | 'closed';
  /** Of somebody who tries the product out: counts in no report, and nothing is learned of it (RS-3). */
  @Index('users_test')
  @Column({ type: 'boolean', default: 0 })
  is_test!: boolean;
  /** YYYY-MM-DD */
  @Column({ type: 'varchar', length: 10, nullable: true }) birthday!: string | null;
  /** MM-DD of it, by which those are found who have it on a day. */
  @Column({ type: 'varchar', length: 5, nullable: true }) birthday_month_day!: string | null;
  @Column({ type: 'integer', default: 0 }) login_count!: number;
  @Column({ ...timeColumn, nullable: true }) last_login!: Date | null;
  @Column(timeColumn) registration_date!: Date;
  @Column(timeColumn) created_at!: Date;
  @Column(timeColumn) updated_at!: Date;
}
