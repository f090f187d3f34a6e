import type { MigrationInterface, QueryRunner } from 'typeorm';
import {
  addColumns,
  createTables,
  dropTables,
  integer,
  orNull,
  time,
  varchar,
  wideId,
  withDefault,
  type TableShape,
} from './tables.ts';

const CONVERSATIONS = 'chat_conversations';
const CONVERSATION = { slow_mode_s: withDefault(integer, 0) };
const MEMBERS = 'chat_members';
const MEMBER = { sent_at: orNull(time) };
const TABLES: Record<string, TableShape> = {
  chat_restrictions: {
    columns: {
      restriction_id: wideId,
      conversation_id: integer,
      user_id: integer,
      kind: varchar(8),
      ends_at: time,
      reason: varchar(200),
      set_by: integer,
      set_at: time,
    },
    indices: [
      { name: 'chat_restrictions_where', columnNames: ['conversation_id'] },
      {
        name: 'chat_restrictions_whose',
        columnNames: ['user_id', 'conversation_id', 'kind'],
        isUnique: true,
      },
    ],
  },
};

/** Who may not speak in a conversation or be in it, and how fast people may speak. */
export class Restrictions1700000019000 implements MigrationInterface {
  name = 'Restrictions1700000019000';

  async up(runner: QueryRunner): Promise<void> {
    await addColumns(runner, CONVERSATIONS, CONVERSATION);
    await addColumns(runner, MEMBERS, MEMBER);
    await createTables(runner, TABLES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropTables(runner, TABLES);
    await runner.dropColumns(MEMBERS, Object.keys(MEMBER));
    await runner.dropColumns(CONVERSATIONS, Object.keys(CONVERSATION));
  }
}
