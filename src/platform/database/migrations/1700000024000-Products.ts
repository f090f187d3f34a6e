import { TableIndex, type MigrationInterface, type QueryRunner } from 'typeorm';
import {
  addColumns,
  bigint,
  createTables,
  dropTables,
  id,
  integer,
  isMysql,
  orNull,
  points,
  time,
  varchar,
  wideId,
  withDefault,
  type TableShape,
} from './tables.ts';

const ITEMS = 'user_inventories';
const COLUMNS = {
  product_id: orNull(integer),
  exchange_id: orNull(bigint),
  owner_no: withDefault(integer, 0),
};
const OF_EXCHANGE = { name: 'user_inventories_exchange', columnNames: ['exchange_id'] };
/** Won items have no place in it; MariaDB has no indices of a part. */
const PARTIAL = { ...OF_EXCHANGE, where: 'exchange_id IS NOT NULL' };
const TABLES: Record<string, TableShape> = {
  products: {
    columns: {
      product_id: id,
      name: varchar(128),
      description: varchar(1000),
      price: points,
      stock: integer,
      sold: withDefault(integer, 0),
      total_stock: integer,
      status: varchar(16),
      valid_days: orNull(integer),
      version: integer,
      created_at: time,
      updated_at: time,
    },
    indices: [{ name: 'products_status', columnNames: ['status', 'product_id'] }],
  },
  product_exchanges: {
    columns: {
      exchange_id: wideId,
      user_id: integer,
      product_id: integer,
      product_version: integer,
      quantity: integer,
      price: points,
      created_at: time,
    },
    indices: [
      { name: 'product_exchanges_user', columnNames: ['user_id'] },
      { name: 'product_exchanges_product', columnNames: ['product_id'] },
    ],
  },
};

/** Products that points are exchanged for, and items that change hands. */
export class Products1700000024000 implements MigrationInterface {
  name = 'Products1700000024000';

  async up(runner: QueryRunner): Promise<void> {
    await createTables(runner, TABLES);
    await addColumns(runner, ITEMS, COLUMNS);
    await runner.createIndex(ITEMS, new TableIndex(isMysql(runner) ? OF_EXCHANGE : PARTIAL));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropIndex(ITEMS, OF_EXCHANGE.name);
    await runner.dropColumns(ITEMS, Object.keys(COLUMNS));
    await dropTables(runner, TABLES);
  }
}
