import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createTables, dropTables, key, varchar, type TableShape } from './tables.ts';

const TABLES: Record<string, TableShape> = {
  readiness_probes: { columns: { probe_id: key(varchar(36)) } },
};

/** Where a node tries whether the database takes its writes. */
export class Readiness1700000009500 implements MigrationInterface {
  name = 'Readiness1700000009500';

  async up(runner: QueryRunner): Promise<void> {
    await createTables(runner, TABLES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropTables(runner, TABLES);
  }
}
