import type { MigrationInterface, QueryRunner } from 'typeorm';
import {
  addColumns,
  createTables,
  dropTables,
  integer,
  key,
  orNull,
  text,
  time,
  varchar,
  type TableShape,
} from './tables.ts';

const TABLES: Record<string, TableShape> = {
  word_lists: {
    columns: {
      version: key(integer),
      masked: integer,
      refused: integer,
      allowed: integer,
      created_by: integer,
      created_at: time,
    },
  },
  word_list_parts: {
    columns: { version: key(integer), part: key(integer), kind: varchar(8), words: text },
  },
};

/** Words that nobody is to read, and by which version of them a message was judged. */
export class Words1700000018000 implements MigrationInterface {
  name = 'Words1700000018000';

  async up(runner: QueryRunner): Promise<void> {
    await createTables(runner, TABLES);
    await addColumns(runner, 'chat_messages', { word_version: orNull(integer) });
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropColumn('chat_messages', 'word_version');
    await dropTables(runner, TABLES);
  }
}
