import type { MigrationInterface, QueryRunner } from 'typeorm';
import {
  bigint,
  createTables,
  dropTables,
  integer,
  orNull,
  text,
  time,
  varchar,
  wideId,
  type TableShape,
} from './tables.ts';

const TABLES: Record<string, TableShape> = {
  chat_reports: {
    columns: {
      report_id: wideId,
      message_id: bigint,
      conversation_id: integer,
      reporter_id: integer,
      sender_id: integer,
      message_type: varchar(8),
      content: text,
      reason: varchar(16),
      comment: orNull(varchar(500)),
      status: varchar(8),
      decision: orNull(varchar(8)),
      decision_reason: orNull(varchar(200)),
      decided_by: orNull(integer),
      decided_at: orNull(time),
      created_at: time,
    },
    indices: [
      { name: 'chat_reports_once', columnNames: ['message_id', 'reporter_id'], isUnique: true },
      { name: 'chat_reports_reporter', columnNames: ['reporter_id', 'created_at'] },
      { name: 'chat_reports_status', columnNames: ['status', 'report_id'] },
    ],
  },
};

/** Messages that people have reported, and what moderators have decided of them. */
export class Reports1700000019010 implements MigrationInterface {
  name = 'Reports1700000019010';

  async up(runner: QueryRunner): Promise<void> {
    await createTables(runner, TABLES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropTables(runner, TABLES);
  }
}
