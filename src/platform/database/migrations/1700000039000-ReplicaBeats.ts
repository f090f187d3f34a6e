import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createTables, dropTables, integer, key, bigint, type TableShape } from './tables.ts';

const TABLES: Record<string, TableShape> = {
  replica_beats: { columns: { beat_id: key(integer), beats: bigint } },
};

/** By which one sees how far behind a replica is. */
export class ReplicaBeats1700000039000 implements MigrationInterface {
  name = 'ReplicaBeats1700000039000';

  async up(runner: QueryRunner): Promise<void> {
    await createTables(runner, TABLES);
    await runner.query('INSERT INTO replica_beats (beat_id, beats) VALUES (1, 0)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropTables(runner, TABLES);
  }
}
