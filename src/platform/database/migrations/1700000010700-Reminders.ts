import { TableIndex, type MigrationInterface, type QueryRunner } from 'typeorm';
import { addColumns, varchar, withDefault } from './tables.ts';

const LOTS = 'points_lots';
const REMINDER = { reminder: withDefault(varchar(8), 'due') };
const BY_END = { name: 'points_lots_reminder', columnNames: ['reminder', 'expires_at', 'user_id'] };

/** Of every lot, whether its user was told that it ends. Those of before are due, each when its time comes. */
export class Reminders1700000010700 implements MigrationInterface {
  name = 'Reminders1700000010700';

  async up(runner: QueryRunner): Promise<void> {
    await addColumns(runner, LOTS, REMINDER);
    await runner.createIndex(LOTS, new TableIndex(BY_END));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropIndex(LOTS, BY_END.name);
    await runner.dropColumns(LOTS, Object.keys(REMINDER));
  }
}
