import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createTables, dropTables, integer, key, time, varchar, type TableShape } from './tables.ts';

const TABLES: Record<string, TableShape> = {
  holiday_days: { columns: { day: key(varchar(10)), kind: varchar(8), name: varchar(32) } },
  holiday_alarms: { columns: { year: key(integer), created_at: time } },
};

/** Holidays as the administration has entered them, and the years that it was told to enter. */
export class Holidays1700000010800 implements MigrationInterface {
  name = 'Holidays1700000010800';

  async up(runner: QueryRunner): Promise<void> {
    await createTables(runner, TABLES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropTables(runner, TABLES);
  }
}
