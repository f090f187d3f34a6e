import type { MigrationInterface, QueryRunner } from 'typeorm';
import {
  bigint,
  clientId,
  createTables,
  dropTables,
  integer,
  key,
  orNull,
  text,
  time,
  varchar,
  wideId,
  type TableShape,
} from './tables.ts';

const TABLES: Record<string, TableShape> = {
  smart_models: {
    columns: {
      version: wideId,
      status: varchar(16),
      people: integer,
      items: integer,
      interactions: integer,
      metrics: orNull(text),
      parameters: text,
      reason: orNull(varchar(255)),
      created_by: orNull(integer),
      created_at: time,
      finished_at: orNull(time),
      activated_at: orNull(time),
    },
    indices: [{ name: 'smart_models_status', columnNames: ['status', 'version'] }],
  },
  smart_model_parts: {
    columns: { version: key(bigint), part: key(integer), content: text },
  },
  smart_served: {
    columns: {
      recommendation_id: key(clientId),
      user_id: integer,
      model_version: bigint,
      strategy: varchar(16),
      items: text,
      items_count: integer,
      created_at: time,
    },
    indices: [
      { name: 'smart_served_user', columnNames: ['user_id', 'created_at'] },
      { name: 'smart_served_model', columnNames: ['model_version', 'created_at'] },
      { name: 'smart_served_time', columnNames: ['created_at'] },
    ],
  },
  smart_feedback: {
    columns: {
      feedback_id: wideId,
      user_id: integer,
      kind: varchar(16),
      once_key: orNull({ ...clientId, length: '160' }),
      recommendation_id: orNull(clientId),
      model_version: orNull(bigint),
      position: orNull(integer),
      item_type: orNull(varchar(16)),
      item_id: orNull(bigint),
      satisfaction: orNull(integer),
      text: orNull(varchar(1000)),
      created_at: time,
    },
    indices: [
      { name: 'smart_feedback_once', columnNames: ['once_key'], isUnique: true },
      { name: 'smart_feedback_user', columnNames: ['user_id', 'kind', 'created_at'] },
      { name: 'smart_feedback_model', columnNames: ['model_version', 'kind', 'created_at'] },
      { name: 'smart_feedback_kind', columnNames: ['kind', 'feedback_id'] },
    ],
  },
};

/** Models of what people like, what they were recommended by them, and what they said of it. */
export class Recommendations1700000035000 implements MigrationInterface {
  name = 'Recommendations1700000035000';

  async up(runner: QueryRunner): Promise<void> {
    await createTables(runner, TABLES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropTables(runner, TABLES);
  }
}
