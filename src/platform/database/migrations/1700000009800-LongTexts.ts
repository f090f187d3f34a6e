import type { MigrationInterface, QueryRunner } from 'typeorm';
import { CHARSET, COLLATION } from '../mysqlSession.ts';

/** What holds a whole campaign, or may: with 1,000 prizes, or a hundred with long names, it is above the 64 KiB of a TEXT. */
const LONG_TEXTS = [
  ['lottery_fairness_entries', 'payload', 'NOT NULL'],
  ['admin_audit_logs', 'state_before', 'NULL'],
  ['admin_audit_logs', 'state_after', 'NULL'],
] as const;

/** Lets long texts be up to 16 MiB. On SQLite they always could. */
export class LongTexts1700000009800 implements MigrationInterface {
  name = 'LongTexts1700000009800';

  async up(runner: QueryRunner): Promise<void> {
    await changeType(runner, 'MEDIUMTEXT');
  }

  async down(runner: QueryRunner): Promise<void> {
    await changeType(runner, 'TEXT');
  }
}

async function changeType(runner: QueryRunner, type: 'TEXT' | 'MEDIUMTEXT'): Promise<void> {
  if (runner.connection.options.type !== 'mysql') return;
  for (const [table, column, nullability] of LONG_TEXTS)
    await runner.query(
      `ALTER TABLE ${table} MODIFY ${column} ${type} CHARACTER SET ${CHARSET} COLLATE ${COLLATION} ${nullability}`,
    );
}
