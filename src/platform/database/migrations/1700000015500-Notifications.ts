import type { MigrationInterface, QueryRunner } from 'typeorm';
import {
  bigint,
  boolean,
  createTables,
  dropTables,
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
  notifications: {
    columns: {
      user_id: key(integer),
      notification_no: key(integer),
      event_id: bigint,
      kind: varchar(16),
      type: varchar(32),
      data: text,
      is_read: withDefault(boolean, 0),
      created_at: time,
    },
    indices: [
      {
        name: 'notifications_event',
        columnNames: ['event_id', 'user_id', 'kind', 'type'],
        isUnique: true,
      },
      { name: 'notifications_created', columnNames: ['created_at'] },
    ],
  },
  notification_inboxes: {
    columns: {
      user_id: key(integer),
      last_no: withDefault(integer, 0),
      read_up_to: withDefault(integer, 0),
    },
  },
  notification_preferences: {
    columns: {
      user_id: key(integer),
      wants_system: withDefault(boolean, 1),
      wants_activity: withDefault(boolean, 1),
      wants_lottery: withDefault(boolean, 1),
      wants_points: withDefault(boolean, 1),
      quiet_from: orNull(varchar(5)),
      quiet_to: orNull(varchar(5)),
    },
  },
};

/** What people are told, what of it they have read, and what they want to be told. */
export class Notifications1700000015500 implements MigrationInterface {
  name = 'Notifications1700000015500';

  async up(runner: QueryRunner): Promise<void> {
    await createTables(runner, TABLES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropTables(runner, TABLES);
  }
}
