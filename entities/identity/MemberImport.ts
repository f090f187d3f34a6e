import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { clientIdColumn, hashColumn, timeColumn } from '../columns.ts';

export type ImportStatus = 'receiving' | 'running' | 'completed' | 'failed';

/** A file of members of another system that somebody has sent. Its states: src/identity/imports/importStep.ts. */
@Entity('member_imports')
@Index('member_imports_status', ['status', 'import_id'])
export class MemberImport {
  @PrimaryColumn({ type: 'integer', generated: 'increment' }) import_id!: number;
  @Column({ type: 'varchar', length: 16 }) status!: ImportStatus;
  /** Says what would be wrong, and writes nothing. */
  @Column({ type: 'boolean' }) is_dry!: boolean;
  /** SHA-256 of its bytes; null until all of them have come. */
  @Column({ ...hashColumn, nullable: true }) file_hash!: string | null;
  /** Who has sent it, as the audit log names them. */
  @Column({ type: 'integer' }) actor_id!: number;
  @Column({ type: 'varchar', length: 64 }) ip!: string;
  @Column({ type: 'varchar', length: 64 }) request_id!: string;
  /** Lines below the header that are not empty. */
  @Column({ type: 'integer', default: 0 }) row_count!: number;
  /** Of them, those of which it is decided what becomes of them. */
  @Column({ type: 'integer', default: 0 }) done_count!: number;
  @Column({ type: 'integer', default: 0 }) imported_count!: number;
  /** Those that are in order and new: of a dry one, what another one would import. */
  @Column({ type: 'integer', default: 0 }) fit_count!: number;
  @Column({ type: 'integer', default: 0 }) known_count!: number;
  @Column({ type: 'integer', default: 0 }) problem_count!: number;
  /** The node that works at it, and until when it is that node's. */
  @Column({ ...clientIdColumn, nullable: true }) claimed_by!: string | null;
  @Column({ ...timeColumn, nullable: true }) claimed_until!: Date | null;
  @Column(timeColumn) created_at!: Date;
  @Column({ ...timeColumn, nullable: true }) finished_at!: Date | null;
}
