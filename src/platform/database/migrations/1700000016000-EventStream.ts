import type { MigrationInterface, QueryRunner } from 'typeorm';
import { bigint, createTables, dropTables, integer, key, text, type TableShape } from './tables.ts';

const TABLES: Record<string, TableShape> = {
  event_stream: {
    columns: { stream_id: key(bigint), event_id: bigint },
    indices: [{ name: 'event_stream_event', columnNames: ['event_id'], isUnique: true }],
  },
  event_stream_heads: {
    columns: { head_id: key(integer), stream_id: bigint, event_id: bigint, gaps: text },
  },
};

/** The order in which events are told live, the same on all nodes. */
export class EventStream1700000016000 implements MigrationInterface {
  name = 'EventStream1700000016000';

  async up(runner: QueryRunner): Promise<void> {
    await createTables(runner, TABLES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropTables(runner, TABLES);
  }
}
