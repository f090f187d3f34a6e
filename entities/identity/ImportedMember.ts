import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { pointsColumn, timeColumn } from '../columns.ts';

/**
 * A member of another system who was taken over, once and for good: also when their account is closed, so that the same file
 * brings nobody's points a second time.
 */
@Entity('imported_members')
export class ImportedMember {
  /** SHA-256 of the external_id. */
  @PrimaryColumn({ type: 'varchar', length: 64 }) external_hash!: string;
  /** What the other system calls them; null once the account is closed. */
  @Column({ type: 'varchar', length: 64, charset: 'utf8mb4', collation: 'utf8mb4_bin', nullable: true })
  external_id!: string | null;
  @Index('imported_members_user', { unique: true })
  @Column({ type: 'integer' })
  user_id!: number;
  @Column({ type: 'integer' }) import_id!: number;
  /** That came with them. */
  @Column(pointsColumn) points!: number;
  @Column(timeColumn) created_at!: Date;
}
