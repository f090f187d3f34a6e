import { TableIndex, type MigrationInterface, type QueryRunner } from 'typeorm';
import { addColumns, bigint, integer, orNull, time, varchar, withDefault } from './tables.ts';

const TRANSFER_COLUMNS = {
  status: withDefault(varchar(16), 'completed'),
  decided_by: orNull(integer),
  decided_at: orNull(time),
  decision_reason: orNull(varchar(255)),
};
const HOLD_COLUMNS = { transfer_id: orNull(bigint) };
const OLD_DAY = { name: 'points_transfers_day', columnNames: ['from_user_id', 'business_day', 'amount'] };
const DAY = { name: OLD_DAY.name, columnNames: ['from_user_id', 'business_day', 'status', 'amount'] };
const STATUS = { name: 'points_transfers_status', columnNames: ['status', 'transfer_id'] };

/**
 * Transfers that wait for a review, and what is held for one. Lots of transfers named the row of who gave them, which is another
 * one's; they are found by their transfer.
 */
export class TransferReview1700000010600 implements MigrationInterface {
  name = 'TransferReview1700000010600';

  async up(runner: QueryRunner): Promise<void> {
    await addColumns(runner, 'points_transfers', TRANSFER_COLUMNS);
    await runner.dropIndex('points_transfers', OLD_DAY.name);
    await runner.createIndex('points_transfers', new TableIndex(DAY));
    await runner.createIndex('points_transfers', new TableIndex(STATUS));
    await addColumns(runner, 'points_holds', HOLD_COLUMNS);
    await runner.query(`UPDATE points_lots SET transaction_id = NULL WHERE origin_type = 'transfer_in'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropColumns('points_holds', Object.keys(HOLD_COLUMNS));
    await runner.dropIndex('points_transfers', STATUS.name);
    await runner.dropIndex('points_transfers', DAY.name);
    await runner.createIndex('points_transfers', new TableIndex(OLD_DAY));
    await runner.dropColumns('points_transfers', Object.keys(TRANSFER_COLUMNS));
  }
}
