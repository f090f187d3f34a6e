import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { generatedKey, hashColumn, timeColumn } from '../columns.ts';

/** One sent SMS code. Only its keyed hash is stored. */
@Entity('verification_codes')
@Index('verification_codes_mobile', ['mobile', 'created_at'])
export class VerificationCode {
  @PrimaryColumn(generatedKey) code_id!: number;
  @Column({ type: 'varchar', length: 16 }) mobile!: string;
  @Column(hashColumn) code_hash!: string;
  @Column({ type: 'integer', default: 0 }) tries!: number;
  /** Of `tries` apart: those from where the code was asked for, and from devices that the user is known by. */
  @Column({ type: 'integer', default: 0 }) own_tries!: number;
  /** Who asked for it, as in login_locks. */
  @Column({ type: 'varchar', length: 80, nullable: true }) origin!: string | null;
  @Column({ ...timeColumn, nullable: true }) used_at!: Date | null;
  @Column(timeColumn) expires_at!: Date;
  @Column(timeColumn) created_at!: Date;
}
