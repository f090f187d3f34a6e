import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createTables, dropTables, key, varchar, type TableShape } from './tables.ts';

const TABLES: Record<string, TableShape> = { finished_works: { columns: { name: key(varchar(64)) } } };

/** So that no start looks through all rows for those that a build of before has left. */
export class FinishedWorks1700000010950 implements MigrationInterface {
  name = 'FinishedWorks1700000010950';

  async up(runner: QueryRunner): Promise<void> {
    await createTables(runner, TABLES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropTables(runner, TABLES);
  }
}
