import { TableIndex, type MigrationInterface, type QueryRunner } from 'typeorm';
import {
  addColumns,
  createTables,
  dropTables,
  exactText,
  integer,
  key,
  time,
  varchar,
  withDefault,
  type TableShape,
} from './tables.ts';

const COUNTERS = 'lottery_user_counters';
const COUNTER = { free_today: withDefault(integer, 0) };
const REQUESTS = 'lottery_draw_requests';
const REQUEST = { free_draws_left_today: withDefault(integer, 0) };
const BILLS = 'points_bills';
/** Where somebody has been, without their bills. */
const VISITS = { name: 'points_bills_visits', columnNames: ['user_id', 'restaurant_id'] };
const TABLES: Record<string, TableShape> = {
  lottery_blacklist: {
    columns: { user_id: key(integer), reason: varchar(200), created_by: integer, created_at: time },
  },
  user_segments: {
    columns: { segment: key(exactText(64)), user_id: key(integer) },
    indices: [{ name: 'user_segments_user', columnNames: ['user_id'] }],
  },
};

/** Who may draw, and what of it is free. */
export class DinerLimits1700000012500 implements MigrationInterface {
  name = 'DinerLimits1700000012500';

  async up(runner: QueryRunner): Promise<void> {
    await addColumns(runner, COUNTERS, COUNTER);
    await addColumns(runner, REQUESTS, REQUEST);
    await runner.createIndex(BILLS, new TableIndex(VISITS));
    await createTables(runner, TABLES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropTables(runner, TABLES);
    await runner.dropIndex(BILLS, VISITS.name);
    await runner.dropColumns(REQUESTS, Object.keys(REQUEST));
    await runner.dropColumns(COUNTERS, Object.keys(COUNTER));
  }
}
