import { Table, TableColumn, TableIndex, type MigrationInterface, type QueryRunner } from 'typeorm';

const EVENTS = 'business_events';
const HANDLINGS = 'event_handlings';

const COLUMNS = [
  { name: 'attempts', type: 'integer', default: 0 },
  { name: 'takeovers', type: 'integer', default: 0 },
  { name: 'available_at', type: 'datetime', precision: 3, isNullable: true },
  { name: 'claimed_by', type: 'varchar', length: '64', isNullable: true },
  { name: 'processed_at', type: 'datetime', precision: 3, isNullable: true },
  { name: 'last_error', type: 'varchar', length: '255', isNullable: true },
];
const BY_STATUS = { name: 'business_events_status', columnNames: ['status', 'event_id'] };
/** Takes the place of the index by status alone: each draw's event pays for one, not two. */
const DUE = { name: 'business_events_due', columnNames: ['status', 'priority', 'event_id'] };

/** Who handles which event, how often it was tried, and which handlers have done their work. */
export class EventRelay1700000001000 implements MigrationInterface {
  readonly name = 'EventRelay1700000001000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.addColumns(
      EVENTS,
      COLUMNS.map((column) => new TableColumn(column)),
    );
    await runner.dropIndex(EVENTS, BY_STATUS.name);
    await runner.createIndex(EVENTS, new TableIndex(DUE));
    await runner.createTable(
      new Table({
        name: HANDLINGS,
        columns: [
          { name: 'event_id', type: 'integer', isPrimary: true },
          { name: 'handler', type: 'varchar', length: '64', isPrimary: true },
          { name: 'handled_at', type: 'datetime', precision: 3 },
        ],
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable(HANDLINGS);
    await runner.dropIndex(EVENTS, DUE.name);
    await runner.createIndex(EVENTS, new TableIndex(BY_STATUS));
    await runner.dropColumns(
      EVENTS,
      COLUMNS.map(({ name }) => name),
    );
  }
}
