import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { generatedKey, jsonColumn, timeColumn } from '../columns.ts';

/** One change that somebody with a permission has made, written in the transaction of the change. Never updated. */
@Entity('admin_audit_logs')
@Index('admin_audit_logs_target', ['target_type', 'target_id'])
@Index('admin_audit_logs_actor', ['actor_id'])
@Index('admin_audit_logs_action', ['action'])
export class AdminAuditLog {
  @PrimaryColumn(generatedKey) audit_id!: number;
  @Column({ type: 'integer' }) actor_id!: number;
  /** What was done, as `user.role`. */
  @Column({ type: 'varchar', length: 64 }) action!: string;
  @Column({ type: 'varchar', length: 32 }) target_type!: string;
  @Column({ type: 'varchar', length: 64 }) target_id!: string;
  @Column({ ...jsonColumn, nullable: true }) state_before!: unknown;
  @Column({ ...jsonColumn, nullable: true }) state_after!: unknown;
  @Column({ type: 'varchar', length: 64 }) ip!: string;
  @Column({ type: 'varchar', length: 64 }) request_id!: string;
  @Column(timeColumn) created_at!: Date;
}
