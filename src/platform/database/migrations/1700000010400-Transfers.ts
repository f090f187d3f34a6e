import type { MigrationInterface, QueryRunner } from 'typeorm';
import {
  createTables,
  dropTables,
  integer,
  orNull,
  points,
  time,
  varchar,
  wideId,
  type TableShape,
} from './tables.ts';

const TABLES: Record<string, TableShape> = {
  points_transfers: {
    columns: {
      transfer_id: wideId,
      from_user_id: integer,
      to_user_id: integer,
      amount: points,
      message: orNull(varchar(200)),
      business_day: varchar(10),
      created_at: time,
    },
    indices: [{ name: 'points_transfers_day', columnNames: ['from_user_id', 'business_day', 'amount'] }],
  },
};

/** Points that users give to each other. */
export class Transfers1700000010400 implements MigrationInterface {
  name = 'Transfers1700000010400';

  async up(runner: QueryRunner): Promise<void> {
    await createTables(runner, TABLES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropTables(runner, TABLES);
  }
}
