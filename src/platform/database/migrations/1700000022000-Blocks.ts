import { TableIndex, type MigrationInterface, type QueryRunner } from 'typeorm';
import { createTables, dropTables, integer, key, time, type TableShape } from './tables.ts';

const TABLES: Record<string, TableShape> = {
  chat_blocks: {
    columns: { user_id: key(integer), blocked_id: key(integer), created_at: time },
    indices: [{ name: 'chat_blocks_of', columnNames: ['blocked_id'] }],
  },
};

/** By which what is over is forgotten. */
const ENDS = {
  chat_restrictions: { name: 'chat_restrictions_end', columnNames: ['ends_at'] },
  chat_reports: { name: 'chat_reports_decided', columnNames: ['decided_at'] },
};

/** Who does not want to be written to by whom; and what is over of restrictions and reports is found. */
export class Blocks1700000022000 implements MigrationInterface {
  name = 'Blocks1700000022000';

  async up(runner: QueryRunner): Promise<void> {
    await createTables(runner, TABLES);
    for (const [table, index] of Object.entries(ENDS)) await runner.createIndex(table, new TableIndex(index));
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const [table, index] of Object.entries(ENDS)) await runner.dropIndex(table, index.name);
    await dropTables(runner, TABLES);
  }
}
