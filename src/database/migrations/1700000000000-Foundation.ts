import {
  Table,
  TableIndex,
  type MigrationInterface,
  type QueryRunner,
  type TableColumnOptions,
} from 'typeorm';

type Column = Omit<TableColumnOptions, 'name'>;

const id: Column = { type: 'integer', isPrimary: true, isGenerated: true, generationStrategy: 'increment' };
const integer: Column = { type: 'integer' };
const bigint: Column = { type: 'bigint' };
const boolean: Column = { type: 'boolean' };
const points: Column = { type: 'decimal', precision: 15, scale: 2 };
const probability: Column = { type: 'decimal', precision: 9, scale: 8 };
const time: Column = { type: 'datetime', precision: 3 };
const text: Column = { type: 'text' };
const varchar = (length: number): Column => ({ type: 'varchar', length: String(length) });
const hash = varchar(64);
/** Compared to the letter. SQLite always does, and does not know the collation by this name. */
const clientId: Column = { ...varchar(64), charset: 'ascii', collation: 'ascii_bin' };
const key = (column: Column): Column => ({ ...column, isPrimary: true });
const orNull = (column: Column): Column => ({ ...column, isNullable: true });
const withDefault = (column: Column, value: number | string): Column => ({
  ...column,
  default: typeof value === 'number' ? value : `'${value}'`,
});

interface Index {
  name: string;
  columnNames: string[];
  isUnique?: boolean;
}

interface TableShape {
  columns: Record<string, Column>;
  indices?: Index[];
}

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
  lottery_campaigns: {
    columns: {
      campaign_id: id,
      campaign_name: varchar(128),
      campaign_type: withDefault(varchar(16), 'wheel'),
      description: orNull(text),
      status: varchar(16),
      start_time: time,
      end_time: time,
      cost_per_draw: points,
      total_draws: orNull(integer),
      remaining_draws: orNull(integer),
      draws_per_user_per_day: orNull(integer),
      guarantee_threshold: orNull(integer),
      guarantee_prize_id: orNull(integer),
      pity_steps: text,
      level_bonus_bp: text,
      bonus_periods: text,
      seed_rotation_draws: withDefault(integer, 1000),
      seed_rotation_seconds: orNull(integer),
      participants: withDefault(integer, 0),
      owner_epoch: withDefault(integer, 0),
      draw_no: withDefault(bigint, 0),
      log_no: withDefault(bigint, 0),
      chain_head: hash,
      table_version: withDefault(integer, 0),
      fairness_epoch: withDefault(integer, 0),
      created_at: time,
      updated_at: time,
    },
  },
  lottery_prizes: {
    columns: {
      prize_id: id,
      campaign_id: integer,
      prize_name: varchar(128),
      prize_type: varchar(16),
      tier: withDefault(varchar(16), 'normal'),
      prize_value: points,
      total_quantity: orNull(integer),
      remaining_quantity: orNull(integer),
      won_quantity: withDefault(integer, 0),
      win_probability: probability,
      sort_order: withDefault(integer, 0),
      fallback_prize_id: orNull(integer),
      prize_image_url: orNull(varchar(512)),
      created_at: time,
      updated_at: time,
    },
    indices: [{ name: 'lottery_prizes_campaign', columnNames: ['campaign_id'] }],
  },
  lottery_draws: {
    columns: {
      draw_id: key(bigint),
      campaign_id: integer,
      draw_no: bigint,
      log_no: bigint,
      user_id: integer,
      request_id: clientId,
      client_seed: clientId,
      fairness_epoch: integer,
      table_version: integer,
      level_bp: integer,
      period_bp: integer,
      pity_bp: integer,
      streak_before: integer,
      roll: bigint,
      interval_from: bigint,
      interval_to: bigint,
      rolled_prize_id: orNull(integer),
      prize_id: orNull(integer),
      is_winner: boolean,
      is_guarantee: boolean,
      points_cost: points,
      chain_hash: hash,
      draw_time: time,
    },
    indices: [
      { name: 'lottery_draws_log', columnNames: ['campaign_id', 'log_no'], isUnique: true },
      { name: 'lottery_draws_user', columnNames: ['user_id', 'campaign_id', 'draw_no'] },
    ],
  },
  lottery_draw_requests: {
    columns: {
      campaign_id: key(integer),
      user_id: key(integer),
      request_id: key(clientId),
      draw_count: integer,
      client_seed: clientId,
      first_draw_no: bigint,
      balance_after: points,
      streak_after: integer,
      guarantee_in: orNull(integer),
      draws_left_today: orNull(integer),
      created_at: time,
    },
  },
  lottery_user_counters: {
    columns: {
      campaign_id: key(integer),
      user_id: key(integer),
      streak: integer,
      draws: integer,
      wins: integer,
      prize_value: points,
      business_day: varchar(10),
      draws_today: integer,
      first_draw_no: bigint,
      updated_at: time,
    },
    indices: [
      {
        name: 'lottery_user_counters_rank',
        columnNames: ['campaign_id', 'prize_value', 'wins', 'draws', 'first_draw_no'],
      },
    ],
  },
  lottery_fairness_epochs: {
    columns: {
      campaign_id: key(integer),
      epoch: key(integer),
      server_seed_hash: hash,
      encrypted_seed: varchar(128),
      from_draw_no: bigint,
      to_draw_no: orNull(bigint),
      committed_at: time,
      revealed_at: orNull(time),
    },
  },
  lottery_fairness_entries: {
    columns: {
      campaign_id: key(integer),
      log_no: key(bigint),
      kind: varchar(8),
      payload: text,
      chain_hash: hash,
      created_at: time,
    },
  },
  lottery_campaign_figures: {
    columns: {
      campaign_id: key(integer),
      online: integer,
      online_peak: integer,
      joins: integer,
      updated_at: time,
    },
  },
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
    for (const [name, { columns, indices = [] }] of Object.entries(TABLES)) {
      await runner.createTable(
        new Table({
          name,
          columns: Object.entries(columns).map(([column, options]) => ({
            ...withoutCollation(options, runner),
            name: column,
          })),
          indices: indices.map((index) => new TableIndex(index)),
        }),
      );
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const name of Object.keys(TABLES).reverse()) await runner.dropTable(name);
  }
}

function withoutCollation(column: Column, runner: QueryRunner): Column {
  if (runner.connection.options.type === 'mysql') return column;
  const { charset: _, collation: __, ...rest } = column;
  return rest;
}
