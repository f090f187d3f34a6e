import type { MigrationInterface, QueryRunner } from 'typeorm';
import {
  addColumns,
  createTables,
  dropTables,
  integer,
  key,
  orNull,
  points,
  varchar,
  withDefault,
  type TableShape,
} from './tables.ts';

const TABLES: Record<string, TableShape> = {
  points_daily: {
    columns: {
      user_id: key(integer),
      day: key(varchar(10)),
      source: key(varchar(32)),
      income: points,
      expense: points,
    },
  },
  points_earned: {
    columns: { period: key(varchar(8)), starts: key(varchar(10)), user_id: key(integer), earned: points },
    indices: [{ name: 'points_earned_rank', columnNames: ['period', 'starts', 'earned', 'user_id'] }],
  },
};
const OPEN = {
  open_day: orNull(varchar(10)),
  open_source: orNull(varchar(32)),
  open_income: withDefault(points, 0),
  open_expense: withDefault(points, 0),
};

/**
 * What everybody gained and lost on each business day, from which source, and what they earned in each day, week and month. Rows of
 * before are counted when the first node starts: the time zone is not the schema's to know.
 */
export class PointsStatistics1700000010200 implements MigrationInterface {
  name = 'PointsStatistics1700000010200';

  async up(runner: QueryRunner): Promise<void> {
    await createTables(runner, TABLES);
    await addColumns(runner, 'user_points_accounts', OPEN);
    await runner.query(`UPDATE user_points_accounts SET open_source = 'uncounted'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropColumns('user_points_accounts', Object.keys(OPEN));
    await dropTables(runner, TABLES);
  }
}
