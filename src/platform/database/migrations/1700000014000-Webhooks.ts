import type { MigrationInterface, QueryRunner } from 'typeorm';
import {
  bigint,
  clientId,
  createTables,
  dropTables,
  id,
  integer,
  orNull,
  text,
  time,
  varchar,
  wideId,
  withDefault,
  type TableShape,
} from './tables.ts';

const TABLES: Record<string, TableShape> = {
  webhooks: {
    columns: {
      webhook_id: id,
      url: text,
      events: text,
      description: varchar(200),
      status: varchar(16),
      disabled_reason: orNull(varchar(16)),
      failures: withDefault(integer, 0),
      failing_since: orNull(time),
      secret: text,
      previous_secret: orNull(text),
      previous_until: orNull(time),
      version: integer,
      created_by: integer,
      created_at: time,
      updated_at: time,
    },
  },
  webhook_deliveries: {
    columns: {
      delivery_id: wideId,
      webhook_id: integer,
      event_id: bigint,
      event_type: varchar(64),
      status: varchar(16),
      attempts: withDefault(integer, 0),
      last_status: orNull(integer),
      last_error: orNull(varchar(255)),
      due_at: orNull(time),
      claimed_by: orNull(clientId),
      created_at: time,
      finished_at: orNull(time),
    },
    indices: [
      { name: 'webhook_deliveries_event', columnNames: ['webhook_id', 'event_id'], isUnique: true },
      { name: 'webhook_deliveries_due', columnNames: ['webhook_id', 'status', 'due_at'] },
      { name: 'webhook_deliveries_listed', columnNames: ['webhook_id', 'delivery_id'] },
    ],
  },
};

/** Endpoints that events are sent to, and what is sent to each. */
export class Webhooks1700000014000 implements MigrationInterface {
  name = 'Webhooks1700000014000';

  async up(runner: QueryRunner): Promise<void> {
    await createTables(runner, TABLES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropTables(runner, TABLES);
  }
}
