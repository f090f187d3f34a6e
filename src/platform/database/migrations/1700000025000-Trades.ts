import type { MigrationInterface, QueryRunner } from 'typeorm';
import {
  addColumns,
  bigint,
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

const HOLDS = 'points_holds';
const OF_HOLDS = { trade_id: orNull(bigint) };
const TABLES: Record<string, TableShape> = {
  trade_records: {
    columns: {
      trade_id: wideId,
      item_id: bigint,
      open_item_id: orNull(bigint),
      product_id: integer,
      item_name: varchar(128),
      seller_id: integer,
      buyer_id: orNull(integer),
      price: points,
      fee: points,
      status: varchar(16),
      version: integer,
      expires_at: time,
      disputed_by: orNull(integer),
      dispute_reason: orNull(varchar(255)),
      decided_by: orNull(integer),
      decision_reason: orNull(varchar(255)),
      created_at: time,
      updated_at: time,
    },
    indices: [
      { name: 'trade_records_status', columnNames: ['status', 'trade_id'] },
      { name: 'trade_records_product', columnNames: ['product_id', 'status', 'trade_id'] },
      { name: 'trade_records_due', columnNames: ['status', 'expires_at'] },
      { name: 'trade_records_seller', columnNames: ['seller_id', 'trade_id'] },
      { name: 'trade_records_buyer', columnNames: ['buyer_id', 'trade_id'] },
      { name: 'trade_records_item', columnNames: ['open_item_id'], isUnique: true },
    ],
  },
};

/** Items that people offer each other for points, which are held until both have theirs. */
export class Trades1700000025000 implements MigrationInterface {
  name = 'Trades1700000025000';

  async up(runner: QueryRunner): Promise<void> {
    await createTables(runner, TABLES);
    await addColumns(runner, HOLDS, OF_HOLDS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropColumns(HOLDS, Object.keys(OF_HOLDS));
    await dropTables(runner, TABLES);
  }
}
