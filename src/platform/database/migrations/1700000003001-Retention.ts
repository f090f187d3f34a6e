import { TableIndex, type MigrationInterface, type QueryRunner } from 'typeorm';

/** Of tables whose keys do not grow with the time: what is to be forgotten is found by it. */
const INDICES = {
  idempotency_records: { name: 'idempotency_records_created', columnNames: ['created_at'] },
  login_locks: { name: 'login_locks_updated', columnNames: ['updated_at'] },
  rotated_refresh_tokens: { name: 'rotated_refresh_tokens_rotated', columnNames: ['rotated_at'] },
};

export class Retention1700000003001 implements MigrationInterface {
  readonly name = 'Retention1700000003001';

  async up(runner: QueryRunner): Promise<void> {
    for (const [table, index] of Object.entries(INDICES)) {
      await runner.createIndex(table, new TableIndex(index));
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const [table, { name }] of Object.entries(INDICES)) await runner.dropIndex(table, name);
  }
}
