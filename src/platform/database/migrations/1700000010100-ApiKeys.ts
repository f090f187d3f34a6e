import type { MigrationInterface, QueryRunner } from 'typeorm';
import {
  clientId,
  createTables,
  dropTables,
  hash,
  id,
  integer,
  orNull,
  text,
  time,
  varchar,
  type TableShape,
} from './tables.ts';

const TABLES: Record<string, TableShape> = {
  api_keys: {
    columns: {
      api_key_id: id,
      name: varchar(64),
      prefix: clientId,
      key_hash: hash,
      previous_prefix: orNull(clientId),
      previous_hash: orNull(hash),
      previous_until: orNull(time),
      permissions: text,
      restaurant_id: orNull(integer),
      networks: text,
      created_by: integer,
      created_at: time,
      expires_at: orNull(time),
      revoked_at: orNull(time),
      last_used_at: orNull(time),
      last_used_ip: orNull(varchar(64)),
    },
    indices: [
      { name: 'api_keys_prefix', columnNames: ['prefix'], isUnique: true },
      { name: 'api_keys_revoked', columnNames: ['revoked_at'] },
    ],
  },
};

/** Keys by which machines call. */
export class ApiKeys1700000010100 implements MigrationInterface {
  name = 'ApiKeys1700000010100';

  async up(runner: QueryRunner): Promise<void> {
    await createTables(runner, TABLES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropTables(runner, TABLES);
  }
}
