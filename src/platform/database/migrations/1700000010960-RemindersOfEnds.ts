import type { MigrationInterface, QueryRunner } from 'typeorm';
import { Reminders1700000010700 } from './1700000010700-Reminders.ts';
import {
  createTables,
  dropTables,
  integer,
  key,
  time,
  varchar,
  withDefault,
  type TableShape,
} from './tables.ts';

const TABLES: Record<string, TableShape> = {
  points_reminders: {
    columns: { user_id: key(integer), expires_at: key(time), state: withDefault(varchar(8), 'due') },
    indices: [{ name: 'points_reminders_due', columnNames: ['state', 'expires_at', 'user_id'] }],
  },
};
const LOTS = 'points_lots';

/** What was written with every lot, whether or not it ends, is written of those that do. */
export class RemindersOfEnds1700000010960 implements MigrationInterface {
  name = 'RemindersOfEnds1700000010960';

  async up(runner: QueryRunner): Promise<void> {
    await createTables(runner, TABLES);
    await runner.query(`INSERT INTO points_reminders (user_id, expires_at, state)
      SELECT user_id, expires_at, CASE WHEN MAX(reminder = 'sent') = 1 THEN 'sent' WHEN MAX(reminder = 'due') = 1 THEN 'due' ELSE 'none' END
        FROM ${LOTS} WHERE expires_at IS NOT NULL GROUP BY user_id, expires_at`);
    await new Reminders1700000010700().down(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    await new Reminders1700000010700().up(runner);
    await runner.query(`UPDATE ${LOTS} SET reminder = COALESCE((SELECT r.state FROM points_reminders r
      WHERE r.user_id = ${LOTS}.user_id AND r.expires_at = ${LOTS}.expires_at), 'due')`);
    await dropTables(runner, TABLES);
  }
}
