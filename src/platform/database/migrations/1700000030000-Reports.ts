import type { MigrationInterface, QueryRunner } from 'typeorm';
import {
  bigint,
  createTables,
  dropTables,
  integer,
  key,
  orNull,
  points,
  time,
  varchar,
  type TableShape,
} from './tables.ts';

const TABLES: Record<string, TableShape> = {
  points_days: {
    columns: {
      day: key(varchar(10)),
      transaction_type: key(varchar(32)),
      income: points,
      expense: points,
      entries: bigint,
    },
  },
  points_day_cursors: { columns: { cursor_id: key(integer), transaction_id: bigint } },
  report_days: { columns: { day: key(varchar(10)), diners: integer } },
  report_diners: {
    columns: { day: key(varchar(10)), user_id: key(integer), created_at: time },
    withoutRowid: true,
  },
  report_counts: {
    columns: {
      restaurant_id: key(integer),
      day: key(varchar(10)),
      measure: key(varchar(32)),
      entries: integer,
      amount: points,
    },
  },
  report_subscriptions: {
    columns: {
      user_id: key(integer),
      period: key(varchar(8)),
      hour: integer,
      next_at: time,
      told_of: orNull(varchar(10)),
    },
    indices: [{ name: 'report_subscriptions_due', columnNames: ['next_at'] }],
  },
};

/** What a day comes to, counted behind the ledger and behind events, and who is told of it. */
export class Reports1700000030000 implements MigrationInterface {
  name = 'Reports1700000030000';

  async up(runner: QueryRunner): Promise<void> {
    await createTables(runner, TABLES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropTables(runner, TABLES);
  }
}
