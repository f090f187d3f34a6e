import { TableIndex, type MigrationInterface, type QueryRunner } from 'typeorm';
import {
  addColumns,
  boolean,
  createTables,
  dropTables,
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

const ACCOUNTS = 'user_points_accounts';
const COLUMNS = { merged_into: orNull(integer), has_merged: withDefault(boolean, 0) };
const OF_MERGED = { name: 'user_points_accounts_merged', columnNames: ['merged_into'] };
/** Few accounts are merged; MariaDB has no indices of a part. */
const PARTIAL = { ...OF_MERGED, where: 'merged_into IS NOT NULL' };
const TABLES: Record<string, TableShape> = {
  account_merges: {
    columns: {
      merge_id: wideId,
      from_user_id: integer,
      into_user_id: integer,
      status: varchar(16),
      is_number_lost: boolean,
      reason: varchar(200),
      asked_by: integer,
      from_confirmed_at: orNull(time),
      into_confirmed_at: orNull(time),
      points: orNull(points),
      items: orNull(integer),
      created_at: time,
      expires_at: time,
      ended_at: orNull(time),
    },
    indices: [
      { name: 'account_merges_from', columnNames: ['from_user_id', 'merge_id'] },
      { name: 'account_merges_into', columnNames: ['into_user_id', 'merge_id'] },
      { name: 'account_merges_due', columnNames: ['status', 'expires_at'] },
    ],
  },
};

/** Two accounts of one person that become one. */
export class Merges1700000029000 implements MigrationInterface {
  name = 'Merges1700000029000';

  async up(runner: QueryRunner): Promise<void> {
    await createTables(runner, TABLES);
    await addColumns(runner, ACCOUNTS, COLUMNS);
    await runner.createIndex(ACCOUNTS, new TableIndex(isMysql(runner) ? OF_MERGED : PARTIAL));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropIndex(ACCOUNTS, OF_MERGED.name);
    await runner.dropColumns(ACCOUNTS, Object.keys(COLUMNS));
    await dropTables(runner, TABLES);
  }
}
