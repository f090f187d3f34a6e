import { TableIndex, type MigrationInterface, type QueryRunner } from 'typeorm';
import {
  addColumns,
  createTables,
  dropTables,
  exactText,
  id,
  integer,
  key,
  orNull,
  points,
  text,
  time,
  varchar,
  withDefault,
  type TableShape,
} from './tables.ts';

const PROFILES = 'analytics_user_profiles';
const COLUMNS = {
  draws: withDefault(integer, 0),
  free_draws: withDefault(integer, 0),
  exchanges: withDefault(integer, 0),
  trades: withDefault(integer, 0),
  check_ins: withDefault(integer, 0),
  bills: withDefault(integer, 0),
  spent: withDefault(points, 0),
  last_bill: orNull(points),
  last_bill_at: orNull(time),
  first_active_at: orNull(time),
  last_active_at: orNull(time),
  revision: withDefault(integer, 0),
  changed_at: orNull(time),
};
const CHANGED = { name: 'analytics_user_profiles_changed', columnNames: ['changed_at'] };

const TABLES: Record<string, TableShape> = {
  analytics_user_days: {
    columns: {
      user_id: key(integer),
      day: key(varchar(10)),
      hours: integer,
      draws: integer,
      free_draws: integer,
      exchanges: integer,
      trades: integer,
      check_ins: integer,
      bills: integer,
      spent: points,
      created_at: time,
    },
    indices: [{ name: 'analytics_user_days_time', columnNames: ['created_at'] }],
    withoutRowid: true,
  },
  analytics_segments: {
    columns: {
      segment_id: id,
      name: exactText(64),
      title: varchar(64),
      condition_text: text,
      status: varchar(16),
      version: integer,
      members: integer,
      counted_at: orNull(time),
      position: orNull(integer),
      failure: orNull(varchar(255)),
      created_by: integer,
      created_at: time,
      updated_at: time,
    },
    indices: [{ name: 'analytics_segments_name', columnNames: ['name'], isUnique: true }],
  },
  analytics_folds: {
    columns: {
      name: key(varchar(32)),
      data: orNull(text),
      day: orNull(varchar(10)),
      claimed_by: orNull(varchar(64)),
      claimed_until: orNull(time),
    },
  },
};

/** What each diner does on which day, and segments whose members are worked out. */
export class Profiles1700000033000 implements MigrationInterface {
  name = 'Profiles1700000033000';

  async up(runner: QueryRunner): Promise<void> {
    await addColumns(runner, PROFILES, COLUMNS);
    await runner.createIndex(PROFILES, new TableIndex(CHANGED));
    await createTables(runner, TABLES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropTables(runner, TABLES);
    await runner.dropIndex(PROFILES, CHANGED.name);
    await runner.dropColumns(PROFILES, Object.keys(COLUMNS));
  }
}
