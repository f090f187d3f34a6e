import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createTables, dropTables, key, time, varchar, type TableShape } from './tables.ts';

const TABLES: Record<string, TableShape> = {
  awaited_types: { columns: { event_type: key(varchar(64)), node_id: key(varchar(64)), seen_at: time } },
};

/** Which node handles which events, so that those which nobody handles are completed where they are written. */
export class AwaitedTypes1700000009700 implements MigrationInterface {
  name = 'AwaitedTypes1700000009700';

  async up(runner: QueryRunner): Promise<void> {
    await createTables(runner, TABLES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropTables(runner, TABLES);
  }
}
