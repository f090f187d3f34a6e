import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createTables, dropTables, id, integer, text, time, varchar, type TableShape } from './tables.ts';

const TABLES: Record<string, TableShape> = {
  analytics_funnels: {
    columns: {
      funnel_id: id,
      name: varchar(64),
      steps: text,
      window_seconds: integer,
      step_order: varchar(8),
      unit: varchar(8),
      version: integer,
      created_at: time,
      updated_at: time,
    },
  },
};

/** Funnels that are kept. */
export class Funnels1700000034000 implements MigrationInterface {
  name = 'Funnels1700000034000';

  async up(runner: QueryRunner): Promise<void> {
    await createTables(runner, TABLES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropTables(runner, TABLES);
  }
}
