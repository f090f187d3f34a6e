import type { MigrationInterface, QueryRunner } from 'typeorm';
import {
  createTables,
  dropTables,
  integer,
  key,
  orNull,
  text,
  time,
  varchar,
  wideId,
  type TableShape,
} from './tables.ts';

const TABLES: Record<string, TableShape> = {
  smart_insights: {
    columns: {
      insight_id: wideId,
      kind: varchar(32),
      severity: varchar(16),
      standing_key: orNull(varchar(64)),
      restaurant_id: orNull(integer),
      day: varchar(10),
      figures: text,
      dismissed_by: orNull(integer),
      dismissed_at: orNull(time),
      created_at: time,
      seen_at: time,
    },
    indices: [
      { name: 'smart_insights_standing', columnNames: ['standing_key'], isUnique: true },
      { name: 'smart_insights_created', columnNames: ['created_at'] },
    ],
  },
  smart_insight_looks: {
    columns: {
      day: key(varchar(10)),
      begun_at: time,
      done_at: orNull(time),
      tests: integer,
      found: integer,
    },
  },
};

/** What the figures say by themselves, and who has put it away. */
export class Insights1700000036000 implements MigrationInterface {
  name = 'Insights1700000036000';

  async up(runner: QueryRunner): Promise<void> {
    await createTables(runner, TABLES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropTables(runner, TABLES);
  }
}
