import { TableIndex, type MigrationInterface, type QueryRunner } from 'typeorm';
import { addColumns, boolean, points, withDefault } from './tables.ts';

const ACCOUNTS = 'user_points_accounts';
const OPEN = { open_earned: withDefault(points, 0), is_earned_open: withDefault(boolean, 0) };
const INDEX = { name: 'user_points_accounts_earned_open', columnNames: ['is_earned_open'] };

/** Nothing is open yet: until now all was counted at once. */
export class OpenEarnings1700000010970 implements MigrationInterface {
  name = 'OpenEarnings1700000010970';

  async up(runner: QueryRunner): Promise<void> {
    await addColumns(runner, ACCOUNTS, OPEN);
    await runner.createIndex(ACCOUNTS, new TableIndex(INDEX));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropIndex(ACCOUNTS, INDEX.name);
    await runner.dropColumns(ACCOUNTS, Object.keys(OPEN));
  }
}
