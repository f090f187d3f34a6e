import { TableIndex, type MigrationInterface, type QueryRunner } from 'typeorm';
import {
  addColumns,
  bigint,
  createTables,
  dropTables,
  integer,
  key,
  orNull,
  points,
  time,
  varchar,
  wideId,
  withDefault,
  type TableShape,
} from './tables.ts';

const TABLES: Record<string, TableShape> = {
  points_lots: {
    columns: {
      lot_id: wideId,
      user_id: integer,
      origin_type: varchar(32),
      transaction_id: orNull(bigint),
      related_id: orNull(varchar(64)),
      amount: points,
      remaining: points,
      spent_before: points,
      expires_at: orNull(time),
      created_at: time,
    },
    indices: [{ name: 'points_lots_user', columnNames: ['user_id', 'remaining'] }],
  },
  points_lot_uses: {
    columns: {
      use_id: wideId,
      user_id: integer,
      lot_id: bigint,
      spent_from: points,
      spent_to: points,
    },
    indices: [{ name: 'points_lot_uses_user', columnNames: ['user_id', 'spent_to'] }],
  },
  points_holds: {
    columns: {
      hold_id: wideId,
      user_id: integer,
      status: varchar(16),
      amount: points,
      held: points,
      committed: withDefault(points, 0),
      spent_from: points,
      reason: varchar(255),
      expires_at: orNull(time),
      created_at: time,
      updated_at: time,
    },
    indices: [
      { name: 'points_holds_user', columnNames: ['user_id', 'status', 'hold_id'] },
      { name: 'points_holds_due', columnNames: ['status', 'expires_at'] },
    ],
  },
  points_reversals: {
    columns: {
      transaction_id: key(bigint),
      original_id: bigint,
      amount: points,
    },
    indices: [{ name: 'points_reversals_original', columnNames: ['original_id'] }],
  },
};

const ACCOUNT_COLUMNS = {
  debt_points: withDefault(points, 0),
  spent_total: withDefault(points, 0),
  settled_total: withDefault(points, 0),
  next_due_at: orNull(time),
};
const TRANSACTION_COLUMNS = {
  spent_from: orNull(points),
  rule_id: orNull(integer),
  rule_version: orNull(integer),
};
const DUE = { name: 'user_points_accounts_due', columnNames: ['next_due_at'] };

/**
 * Points in dated lots, points held, rows taken back, and the rule that a row was made by. Whoever has points gets one lot without
 * a date for all of them; whatever was spent before lies before the beginning of the line of spending.
 */
export class Lots1700000010000 implements MigrationInterface {
  name = 'Lots1700000010000';

  async up(runner: QueryRunner): Promise<void> {
    await createTables(runner, TABLES);
    await addColumns(runner, 'user_points_accounts', ACCOUNT_COLUMNS);
    await runner.createIndex('user_points_accounts', new TableIndex(DUE));
    await addColumns(runner, 'points_transactions', TRANSACTION_COLUMNS);
    await runner.query(
      `INSERT INTO points_lots (user_id, origin_type, amount, remaining, spent_before, created_at)
       SELECT user_id, 'opening', available_points, available_points, 0, updated_at
       FROM user_points_accounts WHERE available_points > 0`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropColumns('points_transactions', Object.keys(TRANSACTION_COLUMNS));
    await runner.dropIndex('user_points_accounts', DUE.name);
    await runner.dropColumns('user_points_accounts', Object.keys(ACCOUNT_COLUMNS));
    await dropTables(runner, TABLES);
  }
}
