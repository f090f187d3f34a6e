import type { MigrationInterface, QueryRunner } from 'typeorm';
import { addColumns, orNull, varchar } from './tables.ts';

const PRODUCTS = 'products';
const COLUMNS = { image_url: orNull(varchar(512)) };

/** What products look like. */
export class ProductPictures1700000024100 implements MigrationInterface {
  name = 'ProductPictures1700000024100';

  async up(runner: QueryRunner): Promise<void> {
    await addColumns(runner, PRODUCTS, COLUMNS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropColumns(PRODUCTS, Object.keys(COLUMNS));
  }
}
