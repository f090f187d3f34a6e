import type { MigrationInterface, QueryRunner } from 'typeorm';
import {
  bigint,
  createTables,
  dropTables,
  hash,
  integer,
  key,
  orNull,
  time,
  varchar,
  wideId,
  type TableShape,
} from './tables.ts';

const TABLES: Record<string, TableShape> = {
  image_resources: {
    columns: {
      image_id: wideId,
      image_key: varchar(32),
      user_id: integer,
      source_hash: hash,
      content_type: varchar(16),
      width: integer,
      height: integer,
      bytes: integer,
      content_hash: hash,
      likeness: hash,
      thumbnail_bytes: integer,
      thumbnail_hash: hash,
      created_at: time,
      unused_since: orNull(time),
    },
    indices: [
      { name: 'image_resources_key', columnNames: ['image_key'], isUnique: true },
      { name: 'image_resources_source', columnNames: ['user_id', 'source_hash'], isUnique: true },
      { name: 'image_resources_sent', columnNames: ['user_id', 'created_at'] },
      { name: 'image_resources_unused', columnNames: ['unused_since'] },
    ],
  },
  image_uses: {
    columns: { image_id: key(bigint), owner_kind: key(varchar(16)), owner_id: key(bigint), created_at: time },
    indices: [{ name: 'image_uses_owner', columnNames: ['owner_kind', 'owner_id'] }],
  },
  image_sweeps: {
    columns: { name: key(varchar(16)), begun_at: time, after_object: varchar(64) },
  },
};

/** Pictures that people have sent, and what they are kept for. */
export class Images1700000023000 implements MigrationInterface {
  name = 'Images1700000023000';

  async up(runner: QueryRunner): Promise<void> {
    await createTables(runner, TABLES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropTables(runner, TABLES);
  }
}
