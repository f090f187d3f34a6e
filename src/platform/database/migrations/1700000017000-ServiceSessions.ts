import type { MigrationInterface, QueryRunner } from 'typeorm';
import {
  bigint,
  createTables,
  dropTables,
  integer,
  key,
  orNull,
  time,
  varchar,
  wideId,
  withDefault,
  type TableShape,
} from './tables.ts';

const TABLES: Record<string, TableShape> = {
  service_sessions: {
    columns: {
      opening_id: wideId,
      conversation_id: integer,
      user_id: integer,
      open_user_id: orNull(integer),
      restaurant_id: orNull(integer),
      topic: varchar(64),
      status: varchar(8),
      queue_rank: integer,
      agent_id: orNull(integer),
      not_agent_id: orNull(integer),
      start_seq: bigint,
      created_at: time,
      queued_at: time,
      assigned_at: orNull(time),
      answered_at: orNull(time),
      ended_at: orNull(time),
      rating: orNull(integer),
      rated_at: orNull(time),
    },
    indices: [
      { name: 'service_sessions_queue', columnNames: ['status', 'queue_rank', 'opening_id'] },
      { name: 'service_sessions_conversation', columnNames: ['conversation_id', 'opening_id'] },
      { name: 'service_sessions_user', columnNames: ['user_id', 'opening_id'] },
      { name: 'service_sessions_agent', columnNames: ['agent_id', 'status'] },
      { name: 'service_sessions_open', columnNames: ['open_user_id'], isUnique: true },
    ],
  },
  admin_status: {
    columns: {
      user_id: key(integer),
      status: varchar(8),
      session_limit: integer,
      open_sessions: withDefault(integer, 0),
      beats: withDefault(bigint, 0),
      updated_at: time,
    },
  },
};

/** Diners who ask for service in chat, and who serves them. */
export class ServiceSessions1700000017000 implements MigrationInterface {
  name = 'ServiceSessions1700000017000';

  up(runner: QueryRunner): Promise<void> {
    return createTables(runner, TABLES);
  }

  down(runner: QueryRunner): Promise<void> {
    return dropTables(runner, TABLES);
  }
}
