import { TableIndex, type MigrationInterface, type QueryRunner } from 'typeorm';
import {
  addColumns,
  createTables,
  dropTables,
  hash,
  integer,
  key,
  time,
  varchar,
  withDefault,
  type TableShape,
} from './tables.ts';

const PRIZES = 'lottery_prizes';
const CODES = { codes_total: withDefault(integer, 0), codes_given: withDefault(integer, 0) };
const ITEMS = 'user_inventories';
const COUPON = { name: 'user_inventories_coupon', columnNames: ['prize_id', 'coupon_no'], isUnique: true };
const TABLES: Record<string, TableShape> = {
  lottery_coupons: {
    columns: {
      prize_id: key(integer),
      coupon_no: key(integer),
      code_hash: hash,
      sealed_code: varchar(400),
      created_at: time,
    },
    indices: [{ name: 'lottery_coupons_code', columnNames: ['code_hash', 'prize_id'], isUnique: true }],
  },
};

/** Pools of coupon codes that were made elsewhere, each of which is given once. */
export class Coupons1700000012300 implements MigrationInterface {
  name = 'Coupons1700000012300';

  async up(runner: QueryRunner): Promise<void> {
    await addColumns(runner, PRIZES, CODES);
    await runner.createIndex(ITEMS, new TableIndex(COUPON));
    await createTables(runner, TABLES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropTables(runner, TABLES);
    await runner.dropIndex(ITEMS, COUPON.name);
    await runner.dropColumns(PRIZES, Object.keys(CODES));
  }
}
