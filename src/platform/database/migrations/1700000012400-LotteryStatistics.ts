import type { MigrationInterface, QueryRunner } from 'typeorm';
import {
  bigint,
  boolean,
  createTables,
  dropTables,
  integer,
  key,
  orNull,
  points,
  time,
  varchar,
  withDefault,
  type TableShape,
} from './tables.ts';

const period = { campaign_id: key(integer), period: key(varchar(8)), starts: key(varchar(20)) };
const TABLES: Record<string, TableShape> = {
  lottery_statistics_cursors: {
    columns: {
      campaign_id: key(integer),
      draw_no: bigint,
      visitors: integer,
      winners: integer,
      updated_at: time,
    },
  },
  lottery_periods: {
    columns: {
      ...period,
      draws: integer,
      wins: integer,
      guarantee_wins: integer,
      free_draws: integer,
      points_spent: points,
      value_given: points,
      participants: integer,
      newcomers: integer,
      returned_1: integer,
      returned_7: integer,
    },
  },
  lottery_period_prizes: {
    columns: { ...period, prize_id: key(integer), wins: integer, value_given: points },
  },
  lottery_days_drawn: { columns: { ...period, user_id: key(integer) } },
  lottery_campaign_visitors: {
    columns: {
      campaign_id: key(integer),
      user_id: key(integer),
      first_seen_at: time,
      first_day: orNull(varchar(10)),
      has_won: withDefault(boolean, 0),
    },
  },
};

/** Draws of before are counted in the background, from the first one on. */
export class LotteryStatistics1700000012400 implements MigrationInterface {
  name = 'LotteryStatistics1700000012400';

  async up(runner: QueryRunner): Promise<void> {
    await createTables(runner, TABLES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropTables(runner, TABLES);
  }
}
