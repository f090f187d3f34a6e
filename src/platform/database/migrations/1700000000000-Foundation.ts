import type { MigrationInterface, QueryRunner } from 'typeorm';
import { LOTTERY_TABLES } from './lotteryTables.ts';
import {
  id,
  integer,
  bigint,
  points,
  time,
  text,
  varchar,
  hash,
  clientId,
  key,
  orNull,
  withDefault,
  createTables,
  dropTables,
  type TableShape,
} from './tables.ts';

const TABLES: Record<string, TableShape> = {
  users: {
    columns: {
      user_id: id,
      mobile: varchar(16),
      nickname: varchar(64),
      avatar_url: orNull(varchar(512)),
      role: withDefault(varchar(16), 'user'),
      status: withDefault(varchar(16), 'active'),
      login_count: withDefault(integer, 0),
      last_login: orNull(time),
      registration_date: time,
      created_at: time,
      updated_at: time,
    },
    indices: [{ name: 'users_mobile', columnNames: ['mobile'], isUnique: true }],
  },
  verification_codes: {
    columns: {
      code_id: id,
      mobile: varchar(16),
      code_hash: hash,
      tries: withDefault(integer, 0),
      used_at: orNull(time),
      expires_at: time,
      created_at: time,
    },
    indices: [{ name: 'verification_codes_mobile', columnNames: ['mobile', 'created_at'] }],
  },
  customer_sessions: {
    columns: {
      session_id: id,
      user_id: integer,
      refresh_token_hash: hash,
      device_id: orNull(varchar(128)),
      ip: orNull(varchar(64)),
      user_agent: orNull(varchar(256)),
      revoked_at: orNull(time),
      expires_at: time,
      created_at: time,
    },
    indices: [
      { name: 'customer_sessions_user', columnNames: ['user_id'] },
      { name: 'customer_sessions_refresh_token', columnNames: ['refresh_token_hash'], isUnique: true },
    ],
  },
  user_points_accounts: {
    columns: {
      account_id: id,
      user_id: integer,
      total_points: points,
      available_points: points,
      frozen_points: points,
      level: withDefault(integer, 1),
      experience_points: withDefault(integer, 0),
      history_total_points: points,
      created_at: time,
      updated_at: time,
    },
    indices: [{ name: 'user_points_accounts_user', columnNames: ['user_id'], isUnique: true }],
  },
  points_transactions: {
    columns: {
      transaction_id: id,
      user_id: integer,
      transaction_type: varchar(32),
      amount: points,
      balance_before: points,
      balance_after: points,
      status: withDefault(varchar(16), 'completed'),
      source: varchar(32),
      reason: varchar(255),
      related_id: orNull(varchar(64)),
      created_at: time,
    },
    indices: [{ name: 'points_transactions_user', columnNames: ['user_id', 'transaction_id'] }],
  },
  ...LOTTERY_TABLES,
  user_inventories: {
    columns: {
      inventory_id: id,
      user_id: integer,
      source: varchar(16),
      item_type: varchar(16),
      item_name: varchar(128),
      item_value: points,
      campaign_id: orNull(integer),
      prize_id: orNull(integer),
      draw_id: orNull(bigint),
      status: withDefault(varchar(16), 'available'),
      expires_at: orNull(time),
      created_at: time,
    },
    indices: [
      { name: 'user_inventories_user', columnNames: ['user_id'] },
      { name: 'user_inventories_draw', columnNames: ['draw_id'], isUnique: true },
    ],
  },
  business_events: {
    columns: {
      event_id: id,
      event_type: varchar(64),
      user_id: orNull(integer),
      event_data: text,
      priority: withDefault(varchar(16), 'normal'),
      status: withDefault(varchar(16), 'pending'),
      created_at: time,
    },
    indices: [{ name: 'business_events_status', columnNames: ['status', 'event_id'] }],
  },
  idempotency_records: {
    columns: {
      user_id: key(integer),
      idempotency_key: key(clientId),
      fingerprint: hash,
      response: text,
      created_at: time,
    },
  },
};

/** Users, sessions, points, campaigns, draws, fairness and the outbox. */
export class Foundation1700000000000 implements MigrationInterface {
  readonly name = 'Foundation1700000000000';

  async up(runner: QueryRunner): Promise<void> {
    await createTables(runner, TABLES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropTables(runner, TABLES);
  }
}
