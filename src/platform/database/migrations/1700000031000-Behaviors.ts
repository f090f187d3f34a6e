import { TableIndex, type MigrationInterface, type QueryRunner } from 'typeorm';
import {
  addColumns,
  bigint,
  boolean,
  clientId,
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
  analytics_behaviors: {
    columns: {
      behavior_id: wideId,
      user_id: integer,
      event_id: clientId,
      visit_id: clientId,
      kind: varchar(16),
      name: varchar(64),
      target_type: orNull(varchar(16)),
      target_id: orNull(integer),
      duration_ms: orNull(integer),
      position: orNull(integer),
      occurred_at: time,
      received_at: time,
    },
    indices: [
      { name: 'analytics_behaviors_event', columnNames: ['user_id', 'event_id'], isUnique: true },
      { name: 'analytics_behaviors_user', columnNames: ['user_id', 'occurred_at'] },
      { name: 'analytics_behaviors_time', columnNames: ['occurred_at'] },
    ],
  },
  analytics_realtime_stats: {
    columns: {
      period: key(varchar(8)),
      starts_at: key(time),
      kind: key(varchar(16)),
      name: key(varchar(64)),
      entries: bigint,
      duration_ms: bigint,
    },
  },
  analytics_interactions: {
    columns: {
      user_id: key(integer),
      item_type: key(varchar(16)),
      item_id: key(integer),
      entries: integer,
      first_at: time,
      last_at: time,
    },
    indices: [
      { name: 'analytics_interactions_item', columnNames: ['item_type', 'item_id'] },
      { name: 'analytics_interactions_last', columnNames: ['last_at'] },
    ],
  },
};
const PEOPLE = 'users';
const COLUMNS = { is_test: withDefault(boolean, 0) };
const TEST = { name: 'users_test', columnNames: ['is_test'] };

/** What diners do on the pages, and who is a test account and counts nowhere. */
export class Behaviors1700000031000 implements MigrationInterface {
  name = 'Behaviors1700000031000';

  async up(runner: QueryRunner): Promise<void> {
    await createTables(runner, TABLES);
    await addColumns(runner, PEOPLE, COLUMNS);
    await runner.createIndex(PEOPLE, new TableIndex(TEST));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropIndex(PEOPLE, TEST.name);
    await runner.dropColumns(PEOPLE, Object.keys(COLUMNS));
    await dropTables(runner, TABLES);
  }
}
