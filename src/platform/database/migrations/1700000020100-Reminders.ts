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
  withDefault,
  type TableShape,
} from './tables.ts';

const TABLES: Record<string, TableShape> = {
  notification_reminders: {
    columns: {
      name: key(varchar(32)),
      subject_id: key(integer),
      up_to_end: orNull(time),
      up_to_item: withDefault(bigint, 0),
      told_at: time,
    },
    indices: [{ name: 'notification_reminders_told', columnNames: ['told_at'] }],
  },
};

/** What people were reminded of. */
export class Reminders1700000020100 implements MigrationInterface {
  name = 'Reminders1700000020100';

  async up(runner: QueryRunner): Promise<void> {
    await createTables(runner, TABLES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropTables(runner, TABLES);
  }
}
