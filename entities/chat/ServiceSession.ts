import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { bigintColumn, generatedKey, timeColumn } from '../columns.ts';

export type SessionStatus = 'waiting' | 'assigned' | 'resolved' | 'closed';

/** One time that a diner asks for service. Opened again, a conversation has another row; the last one counts. */
@Entity('service_sessions')
@Index('service_sessions_queue', ['status', 'queue_rank', 'opening_id'])
@Index('service_sessions_conversation', ['conversation_id', 'opening_id'])
@Index('service_sessions_user', ['user_id', 'opening_id'])
@Index('service_sessions_agent', ['agent_id', 'status'])
export class ServiceSession {
  /** The order in which they were asked for. */
  @PrimaryColumn(generatedKey) opening_id!: number;
  @Column({ type: 'integer' }) conversation_id!: number;
  @Column({ type: 'integer' }) user_id!: number;
  /** The diner's while it waits or is assigned: they have one such at a time. */
  @Index('service_sessions_open', { unique: true })
  @Column({ type: 'integer', nullable: true })
  open_user_id!: number | null;
  @Column({ type: 'integer', nullable: true }) restaurant_id!: number | null;
  @Column({ type: 'varchar', length: 64 }) topic!: string;
  @Column({ type: 'varchar', length: 8 }) status!: SessionStatus;
  /** 0: at the front, since somebody had it already. */
  @Column({ type: 'integer' }) queue_rank!: number;
  /** Who has it, or had it when it ended. */
  @Column({ type: 'integer', nullable: true }) agent_id!: number | null;
  /** Who has given it away is not given it back. */
  @Column({ type: 'integer', nullable: true }) not_agent_id!: number | null;
  /** What was said before it. */
  @Column(bigintColumn) start_seq!: number;
  @Column(timeColumn) created_at!: Date;
  /** When it began to wait, the last time. */
  @Column(timeColumn) queued_at!: Date;
  @Column({ ...timeColumn, nullable: true }) assigned_at!: Date | null;
  /** When an agent first said something. */
  @Column({ ...timeColumn, nullable: true }) answered_at!: Date | null;
  @Column({ ...timeColumn, nullable: true }) ended_at!: Date | null;
  @Column({ type: 'integer', nullable: true }) rating!: number | null;
  @Column({ ...timeColumn, nullable: true }) rated_at!: Date | null;
}
