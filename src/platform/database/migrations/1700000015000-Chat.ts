import type { MigrationInterface, QueryRunner } from 'typeorm';
import {
  bigint,
  boolean,
  clientId,
  createTables,
  dropTables,
  id,
  integer,
  key,
  orNull,
  text,
  time,
  varchar,
  wideId,
  withDefault,
  type TableShape,
} from './tables.ts';

const TABLES: Record<string, TableShape> = {
  restaurants: {
    columns: {
      restaurant_id: id,
      name: varchar(64),
      address: varchar(200),
      phone: varchar(32),
      timezone: varchar(64),
      hours: text,
      version: integer,
      created_at: time,
      updated_at: time,
    },
  },
  chat_conversations: {
    columns: {
      conversation_id: id,
      type: varchar(16),
      name: varchar(64),
      pair: orNull(varchar(32)),
      restaurant_id: orNull(integer),
      last_seq: withDefault(bigint, 0),
      created_at: time,
      updated_at: time,
    },
    indices: [
      { name: 'chat_conversations_pair', columnNames: ['pair'], isUnique: true },
      { name: 'chat_conversations_restaurant', columnNames: ['restaurant_id'], isUnique: true },
    ],
  },
  chat_members: {
    columns: {
      conversation_id: key(integer),
      user_id: key(integer),
      role: varchar(8),
      read_seq: withDefault(bigint, 0),
      is_muted: withDefault(boolean, 0),
      joined_at: time,
    },
    indices: [{ name: 'chat_members_user', columnNames: ['user_id', 'conversation_id'] }],
  },
  chat_messages: {
    columns: {
      message_id: wideId,
      conversation_id: integer,
      seq: bigint,
      sender_id: orNull(integer),
      client_msg_id: orNull(clientId),
      type: varchar(8),
      content: text,
      created_at: time,
      recalled_at: orNull(time),
    },
    indices: [
      { name: 'chat_messages_sender', columnNames: ['sender_id', 'message_id'] },
      { name: 'chat_messages_seq', columnNames: ['conversation_id', 'seq'], isUnique: true },
      {
        name: 'chat_messages_sent',
        columnNames: ['conversation_id', 'sender_id', 'client_msg_id'],
        isUnique: true,
      },
    ],
  },
};

/** Restaurants, and what people say to each other. */
export class Chat1700000015000 implements MigrationInterface {
  name = 'Chat1700000015000';

  up(runner: QueryRunner): Promise<void> {
    return createTables(runner, TABLES);
  }

  down(runner: QueryRunner): Promise<void> {
    return dropTables(runner, TABLES);
  }
}
