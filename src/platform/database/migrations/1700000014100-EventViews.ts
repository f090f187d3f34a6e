import { TableIndex, type MigrationInterface, type QueryRunner } from 'typeorm';
import { addColumns, boolean, withDefault } from './tables.ts';

const EVENTS = 'business_events';
const SIMULATED = { is_simulated: withDefault(boolean, 0) };
const BY_TYPE = { name: 'business_events_type', columnNames: ['event_type', 'event_id'] };

/** Events are listed by their type, and some of them were published by administrators. */
export class EventViews1700000014100 implements MigrationInterface {
  name = 'EventViews1700000014100';

  async up(runner: QueryRunner): Promise<void> {
    await addColumns(runner, EVENTS, SIMULATED);
    await runner.createIndex(EVENTS, new TableIndex(BY_TYPE));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropIndex(EVENTS, BY_TYPE.name);
    await runner.dropColumns(EVENTS, Object.keys(SIMULATED));
  }
}
