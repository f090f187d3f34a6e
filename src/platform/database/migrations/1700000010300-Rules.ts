import type { MigrationInterface, QueryRunner } from 'typeorm';
import {
  bigint,
  createTables,
  dropTables,
  id,
  integer,
  key,
  orNull,
  points,
  text,
  time,
  varchar,
  type TableShape,
} from './tables.ts';

const TABLES: Record<string, TableShape> = {
  points_rules: {
    columns: {
      rule_id: id,
      type: varchar(32),
      name: varchar(64),
      definition: text,
      version: integer,
      published_version: orNull(integer),
      created_at: time,
      updated_at: time,
    },
    indices: [{ name: 'points_rules_type', columnNames: ['type', 'published_version'] }],
  },
  points_rule_versions: {
    columns: {
      rule_id: key(integer),
      version: key(integer),
      name: varchar(64),
      definition: text,
      published_at: time,
      published_by: integer,
    },
  },
  points_rule_uses: {
    columns: {
      user_id: key(integer),
      rule_id: key(integer),
      day: key(varchar(10)),
      granted: points,
    },
  },
  points_experience: {
    columns: {
      transaction_id: key(bigint),
      user_id: integer,
      experience: integer,
      level: integer,
    },
    indices: [{ name: 'points_experience_user', columnNames: ['user_id'] }],
  },
  points_levels_reached: {
    columns: { user_id: key(integer), level: key(integer), reached_at: time },
  },
};

/** Rules by which points are given, and the levels that come of it. */
export class Rules1700000010300 implements MigrationInterface {
  name = 'Rules1700000010300';

  async up(runner: QueryRunner): Promise<void> {
    await createTables(runner, TABLES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropTables(runner, TABLES);
  }
}
