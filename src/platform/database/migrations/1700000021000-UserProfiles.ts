import type { MigrationInterface, QueryRunner } from 'typeorm';
import {
  createTables,
  dropTables,
  integer,
  key,
  orNull,
  time,
  withDefault,
  type TableShape,
} from './tables.ts';

const TABLES: Record<string, TableShape> = {
  analytics_user_profiles: {
    columns: {
      user_id: key(integer),
      logins: withDefault(integer, 0),
      last_login_at: orNull(time),
      actions: withDefault(integer, 0),
      last_action_at: orNull(time),
      prizes_received: withDefault(integer, 0),
      updated_at: time,
    },
  },
};

/** What people do, counted of events. */
export class UserProfiles1700000021000 implements MigrationInterface {
  name = 'UserProfiles1700000021000';

  async up(runner: QueryRunner): Promise<void> {
    await createTables(runner, TABLES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropTables(runner, TABLES);
  }
}
