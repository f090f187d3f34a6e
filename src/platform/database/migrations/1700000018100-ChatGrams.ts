import { TableIndex, type MigrationInterface, type QueryRunner } from 'typeorm';
import {
  addColumns,
  bigint,
  boolean,
  createTables,
  dropTables,
  integer,
  key,
  withDefault,
  type TableShape,
} from './tables.ts';

const CONVERSATIONS = 'chat_conversations';
const CONVERSATION = { is_indexed: withDefault(boolean, 0) };
const INDEX = { name: 'chat_conversations_indexed', columnNames: ['is_indexed'] };
const TABLES: Record<string, TableShape> = {
  chat_grams: {
    columns: { conversation_id: key(integer), gram: key(bigint), seq: key(bigint) },
    withoutRowid: true,
  },
  chat_gram_cursors: {
    columns: { conversation_id: key(integer), seq: bigint },
  },
};

/** What searches of messages go by. What there is already is made ready by the nodes, while they run. */
export class ChatGrams1700000018100 implements MigrationInterface {
  name = 'ChatGrams1700000018100';

  async up(runner: QueryRunner): Promise<void> {
    await createTables(runner, TABLES);
    await addColumns(runner, CONVERSATIONS, CONVERSATION);
    await runner.createIndex(CONVERSATIONS, new TableIndex(INDEX));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropIndex(CONVERSATIONS, INDEX.name);
    await runner.dropColumns(CONVERSATIONS, Object.keys(CONVERSATION));
    await dropTables(runner, TABLES);
  }
}
