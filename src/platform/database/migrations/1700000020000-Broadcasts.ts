import type { MigrationInterface, QueryRunner } from 'typeorm';
import {
  bigint,
  clientId,
  createTables,
  dropTables,
  id,
  integer,
  key,
  orNull,
  text,
  time,
  varchar,
  withDefault,
  type TableShape,
} from './tables.ts';

const TABLES: Record<string, TableShape> = {
  notification_broadcasts: {
    columns: {
      broadcast_id: id,
      event_id: bigint,
      kind: varchar(16),
      type: varchar(32),
      audience: text,
      title: orNull(text),
      body: orNull(text),
      data: text,
      status: varchar(16),
      send_at: time,
      up_to_user_id: orNull(integer),
      collected_to: withDefault(integer, 0),
      total: withDefault(integer, 0),
      sent: withDefault(integer, 0),
      left_out: withDefault(integer, 0),
      failed: withDefault(integer, 0),
      claimed_by: orNull(clientId),
      claimed_until: orNull(time),
      created_by: orNull(integer),
      created_at: time,
      finished_at: orNull(time),
    },
    indices: [
      { name: 'notification_broadcasts_event', columnNames: ['event_id'], isUnique: true },
      { name: 'notification_broadcasts_due', columnNames: ['status', 'send_at'] },
    ],
  },
  notification_recipients: {
    columns: {
      broadcast_id: key(integer),
      user_id: key(integer),
      state: varchar(16),
      created_at: time,
    },
    indices: [
      { name: 'notification_recipients_state', columnNames: ['broadcast_id', 'state', 'user_id'] },
      { name: 'notification_recipients_created', columnNames: ['created_at'] },
    ],
  },
};

/** What many people are told at once, and who of them has been told. */
export class Broadcasts1700000020000 implements MigrationInterface {
  name = 'Broadcasts1700000020000';

  async up(runner: QueryRunner): Promise<void> {
    await createTables(runner, TABLES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropTables(runner, TABLES);
  }
}
