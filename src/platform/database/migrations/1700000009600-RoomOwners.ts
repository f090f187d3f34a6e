import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createTables, dropTables, integer, key, varchar, type TableShape } from './tables.ts';

const TABLES: Record<string, TableShape> = {
  room_owners: { columns: { room_id: key(varchar(96)), owner_epoch: integer } },
};

/** Epochs of owners that have no row of their own. */
export class RoomOwners1700000009600 implements MigrationInterface {
  name = 'RoomOwners1700000009600';

  async up(runner: QueryRunner): Promise<void> {
    await createTables(runner, TABLES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropTables(runner, TABLES);
  }
}
