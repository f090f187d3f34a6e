import { TableIndex, type MigrationInterface, type QueryRunner } from 'typeorm';
import { addColumns, orNull, varchar } from './tables.ts';

const COLUMNS = { birthday: orNull(varchar(10)), birthday_month_day: orNull(varchar(5)) };
const BY_DAY = { name: 'users_birthday', columnNames: ['birthday_month_day', 'user_id'] };

/** When people have their birthday, and who has it on a day of the year. */
export class Birthdays1700000010900 implements MigrationInterface {
  name = 'Birthdays1700000010900';

  async up(runner: QueryRunner): Promise<void> {
    await addColumns(runner, 'users', COLUMNS);
    await runner.createIndex('users', new TableIndex(BY_DAY));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropIndex('users', BY_DAY.name);
    await runner.dropColumns('users', Object.keys(COLUMNS));
  }
}
