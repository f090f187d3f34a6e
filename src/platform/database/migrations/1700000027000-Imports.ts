import type { MigrationInterface, QueryRunner } from 'typeorm';
import {
  boolean,
  clientId,
  createTables,
  dropTables,
  exactText,
  hash,
  id,
  integer,
  key,
  orNull,
  points,
  time,
  varchar,
  withDefault,
  type TableShape,
} from './tables.ts';

const TABLES: Record<string, TableShape> = {
  member_imports: {
    columns: {
      import_id: id,
      status: varchar(16),
      is_dry: boolean,
      file_hash: orNull(hash),
      actor_id: integer,
      ip: varchar(64),
      request_id: varchar(64),
      row_count: withDefault(integer, 0),
      done_count: withDefault(integer, 0),
      imported_count: withDefault(integer, 0),
      fit_count: withDefault(integer, 0),
      known_count: withDefault(integer, 0),
      problem_count: withDefault(integer, 0),
      claimed_by: orNull(clientId),
      claimed_until: orNull(time),
      created_at: time,
      finished_at: orNull(time),
    },
    indices: [{ name: 'member_imports_status', columnNames: ['status', 'import_id'] }],
  },
  member_import_rows: {
    columns: {
      import_id: key(integer),
      row_no: key(integer),
      external_id: exactText(64),
      mobile: varchar(16),
      nickname: varchar(64),
      points,
    },
  },
  member_import_problems: {
    columns: {
      import_id: key(integer),
      row_no: key(integer),
      field: key(varchar(16)),
      problem: varchar(16),
      earlier_row: orNull(integer),
    },
  },
  imported_members: {
    columns: {
      external_hash: key(hash),
      external_id: orNull(exactText(64)),
      user_id: integer,
      import_id: integer,
      points,
      created_at: time,
    },
    indices: [{ name: 'imported_members_user', columnNames: ['user_id'], isUnique: true }],
  },
};

/** Members of another system, with their balances. */
export class Imports1700000027000 implements MigrationInterface {
  name = 'Imports1700000027000';

  async up(runner: QueryRunner): Promise<void> {
    await createTables(runner, TABLES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropTables(runner, TABLES);
  }
}
