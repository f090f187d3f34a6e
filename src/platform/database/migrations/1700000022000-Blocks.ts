import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createTables, dropTables, integer, key, time, type TableShape } from './tables.ts';

const TABLES: Record<string, TableShape> = {
  chat_blocks: {
    columns: { user_id: key(integer), blocked_id: key(integer), created_at: time },
    indices: [{ name: 'chat_blocks_of', columnNames: ['blocked_id'] }],
  },
};

/** Who does not want to be written to by whom. */
export class Blocks1700000022000 implements MigrationInterface {
  name = 'Blocks1700000022000';

  async up(runner: QueryRunner): Promise<void> {
    await createTables(runner, TABLES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropTables(runner, TABLES);
  }
}
