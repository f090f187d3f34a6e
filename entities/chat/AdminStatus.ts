import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintColumn, timeColumn } from '../columns.ts';

/** gone: nothing was heard of them for so long that their sessions go to others. */
export type AgentStatus = 'online' | 'offline' | 'gone';

/** Somebody who serves diners in chat. Locked, it counts what they have (RC-6). */
@Entity('admin_status')
export class AdminStatus {
  @PrimaryColumn({ type: 'integer' }) user_id!: number;
  @Column({ type: 'varchar', length: 8 }) status!: AgentStatus;
  @Column({ type: 'integer' }) session_limit!: number;
  @Column({ type: 'integer', default: 0 }) open_sessions!: number;
  /** Grows while they are there, on whatever node: who looks goes by their own time, and by no clock of another. */
  @Column({ ...bigintColumn, default: 0 }) beats!: number;
  @Column(timeColumn) updated_at!: Date;
}
