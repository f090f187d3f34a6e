import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createTables, dropTables, integer, key, orNull, text, time, type TableShape } from './tables.ts';

const TABLES: Record<string, TableShape> = {
  business_configs: {
    columns: {
      version: key(integer),
      config: text,
      returned_to: orNull(integer),
      created_by: integer,
      created_at: time,
    },
  },
};

/** Versions of what operators change while the server runs. */
export class Configuration1700000026000 implements MigrationInterface {
  name = 'Configuration1700000026000';

  async up(runner: QueryRunner): Promise<void> {
    await createTables(runner, TABLES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropTables(runner, TABLES);
  }
}
