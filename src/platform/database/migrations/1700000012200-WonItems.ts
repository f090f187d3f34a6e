import { TableIndex, type MigrationInterface, type QueryRunner } from 'typeorm';
import {
  addColumns,
  bigint,
  boolean,
  createTables,
  dropTables,
  hash,
  integer,
  key,
  orNull,
  text,
  time,
  varchar,
  withDefault,
  type TableShape,
} from './tables.ts';

const ITEMS = 'user_inventories';
const COLUMNS = {
  claimed_at: orNull(time),
  redeemed_at: orNull(time),
  redeemed_by: orNull(integer),
  redeemed_restaurant_id: orNull(integer),
  coupon_no: orNull(integer),
  stock_returned: withDefault(boolean, 0),
  rating: orNull(integer),
  rated_at: orNull(time),
};
const DUE = { name: 'user_inventories_due', columnNames: ['status', 'expires_at'] };
const TABLES: Record<string, TableShape> = {
  inventory_codes: {
    columns: { inventory_id: key(bigint), code_hash: hash, created_at: time },
    indices: [{ name: 'inventory_codes_hash', columnNames: ['code_hash'] }],
  },
  inventory_deliveries: {
    columns: {
      inventory_id: key(bigint),
      user_id: integer,
      status: varchar(16),
      address: orNull(text),
      carrier: orNull(varchar(32)),
      tracking_no: orNull(varchar(64)),
      created_at: time,
      updated_at: time,
    },
    indices: [
      { name: 'inventory_deliveries_user', columnNames: ['user_id'] },
      { name: 'inventory_deliveries_status', columnNames: ['status', 'inventory_id'] },
    ],
  },
  redemption_locks: {
    columns: { scanner_id: key(integer), wrong_at: orNull(text), locked_until: orNull(time) },
  },
  restaurant_staff: {
    columns: { restaurant_id: key(integer), user_id: key(integer) },
    indices: [{ name: 'restaurant_staff_user', columnNames: ['user_id'] }],
  },
};

/** What becomes of won items: they are claimed, sent or fetched, or expire. */
export class WonItems1700000012200 implements MigrationInterface {
  name = 'WonItems1700000012200';

  async up(runner: QueryRunner): Promise<void> {
    await addColumns(runner, ITEMS, COLUMNS);
    await runner.createIndex(ITEMS, new TableIndex(DUE));
    await runner.query(
      `UPDATE ${ITEMS} SET status = 'unclaimed' WHERE source = 'lottery' AND status = 'available'`,
    );
    await createTables(runner, TABLES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropTables(runner, TABLES);
    await runner.query(`UPDATE ${ITEMS} SET status = 'available' WHERE source = 'lottery'`);
    await runner.dropIndex(ITEMS, DUE.name);
    await runner.dropColumns(ITEMS, Object.keys(COLUMNS));
  }
}
