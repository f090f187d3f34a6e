import { ChatMessage } from '../../entities/chat/ChatMessage.ts';
import { insertConversation } from '../../src/chat/conversations.ts';
import { addMembers } from '../../src/chat/membership.ts';
import { prepareDatabase, type PreparedDatabase } from '../bench/prepare.ts';
import { withDatabase } from '../withDatabase.ts';

export interface PreparedChat extends PreparedDatabase {
  /** All of the people are in it. */
  conversationId: number;
}

/** A new database with people, and one conversation of all of them. */
export async function prepareChat(url: string, people: number, jwtSecret: string): Promise<PreparedChat> {
  const prepared = await prepareDatabase({ url, diners: people, jwtSecret, seedRotationDraws: 1_000_000 });
  const nowMs = Date.now();
  const conversationId = await withDatabase(url, (database) =>
    database.transaction(async (tx) => {
      const { conversation_id } = await insertConversation(tx, { type: 'group', name: 'Bench' }, nowMs);
      const members = prepared.diners.map(({ userId }, at) => ({
        conversationId: conversation_id,
        userId,
        role: at === 0 ? ('owner' as const) : ('member' as const),
        readSeq: 0,
      }));
      await addMembers(tx, members, nowMs);
      return conversation_id;
    }),
  );
  return { ...prepared, conversationId };
}

/** Messages that are stored of it. */
export function countMessages({ url, conversationId }: PreparedChat): Promise<number> {
  return withDatabase(url, ({ currentReader }) =>
    currentReader.countBy(ChatMessage, { conversation_id: conversationId }),
  );
}
