import { TableIndex, type MigrationInterface, type QueryRunner, type TableIndexOptions } from 'typeorm';
import { isMysql } from './tables.ts';

const ITEMS = 'user_inventories';
const INDICES: TableIndexOptions[] = [
  { name: 'user_inventories_due', columnNames: ['status', 'expires_at'], where: 'expires_at IS NOT NULL' },
  {
    name: 'user_inventories_coupon',
    columnNames: ['prize_id', 'coupon_no'],
    isUnique: true,
    where: 'coupon_no IS NOT NULL',
  },
];

/** Items that have no end and no code of a pool cost a draw no place in the indices of those; MariaDB has no indices of a part. */
export class PartialItemIndices1700000012600 implements MigrationInterface {
  name = 'PartialItemIndices1700000012600';

  async up(runner: QueryRunner): Promise<void> {
    if (isMysql(runner)) return;
    for (const index of INDICES) await replace(runner, index);
  }

  async down(runner: QueryRunner): Promise<void> {
    if (isMysql(runner)) return;
    for (const { where: _, ...whole } of INDICES) await replace(runner, whole);
  }
}

async function replace(runner: QueryRunner, index: TableIndexOptions): Promise<void> {
  await runner.dropIndex(ITEMS, index.name!);
  await runner.createIndex(ITEMS, new TableIndex(index));
}
