import type { MigrationInterface, QueryRunner } from 'typeorm';
import {
  bigint,
  boolean,
  clientId,
  createTables,
  dropTables,
  integer,
  key,
  orNull,
  points,
  text,
  time,
  varchar,
  wideId,
  type TableShape,
} from './tables.ts';

const TABLES: Record<string, TableShape> = {
  points_check_ins: {
    columns: {
      user_id: key(integer),
      day: key(varchar(10)),
      streak: integer,
      multiplier: integer,
      points,
      month_bonus: points,
      holiday_bonus: points,
      checked_at: time,
    },
  },
  points_bills: {
    columns: {
      bill_id: wideId,
      bill_no: clientId,
      user_id: integer,
      restaurant_id: orNull(integer),
      status: varchar(16),
      bill_amount: points,
      refunded_amount: points,
      points,
      reversed_points: points,
      reasons: text,
      balance_after: points,
      transaction_id: orNull(bigint),
      activates_at: orNull(time),
      business_day: varchar(10),
      created_at: time,
      created_by: integer,
    },
    indices: [
      { name: 'points_bills_no', columnNames: ['bill_no'], isUnique: true },
      { name: 'points_bills_user', columnNames: ['user_id', 'bill_id'] },
      { name: 'points_bills_due', columnNames: ['status', 'activates_at'] },
    ],
  },
  points_bill_grants: {
    columns: {
      bill_id: key(bigint),
      rule_id: key(integer),
      rule_version: integer,
      granted: points,
      reversed: points,
      transaction_id: orNull(bigint),
    },
  },
  points_bill_refunds: {
    columns: {
      refund_id: wideId,
      bill_id: bigint,
      amount: points,
      is_rest: boolean,
      points,
      debt: points,
      balance_after: points,
      transaction_id: orNull(bigint),
      created_at: time,
      created_by: integer,
    },
    indices: [{ name: 'points_bill_refunds_bill', columnNames: ['bill_id'] }],
  },
  points_task_claims: {
    columns: {
      user_id: key(integer),
      rule_id: key(integer),
      period_start: key(varchar(10)),
      points,
      claimed_at: time,
    },
  },
  points_gifts: {
    columns: { user_id: key(integer), occasion: key(varchar(16)), year: key(integer), given_at: time },
  },
};

/** What points are earned with: check-ins, bills, tasks and occasions. */
export class Earnings1700000010500 implements MigrationInterface {
  name = 'Earnings1700000010500';

  async up(runner: QueryRunner): Promise<void> {
    await createTables(runner, TABLES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropTables(runner, TABLES);
  }
}
