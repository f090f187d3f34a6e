/*
 * Writes the grams of messages that are stored, behind them and never in their transactions: what people say waits for none of it. A
 * search looks through what has no grams yet itself.
 *
 * The cursor of a conversation moves in the transaction that writes the grams, which holds it: each message has its grams once. Who
 * recalls a message holds it as well, and takes its grams away: none are written afterwards, since what is read under the cursor is
 * empty by then. `is_indexed` only says where to look: it is set once nothing is left, and unset by each message.
 */
import { In, MoreThan } from 'typeorm';
import { ChatConversation } from '../../../entities/chat/ChatConversation.ts';
import { ChatGram, ChatGramCursor } from '../../../entities/chat/ChatGram.ts';
import { ChatMessage } from '../../../entities/chat/ChatMessage.ts';
import { insertAll, upsertAll } from '../../platform/database/bulk.ts';
import type { Database, Tx } from '../../platform/database/transaction.ts';
import { whenFree } from '../../platform/database/namedLock.ts';
import type { Logger } from '../../platform/logger.ts';
import { pauseUntil, repeating } from '../../platform/repeating.ts';
import { gramsOf, SEARCHED } from './grams.ts';

/** Conversations that one transaction looks after, messages of each, and grams that it writes, but for those of one message. */
const CONVERSATIONS = 20;
const MESSAGES = 100;
const GRAMS = 4000;
/** Messages in all, which may be long. */
const ROWS = 300;
/** Between two transactions, at least: whoever says something comes in between. */
const PAUSE_MS = 20;
/**
 * By how much it is longer than the transaction before. SQLite has one connection, and the event loop waits for it. So a tenth or a fifth
 * of the time makes some hundred messages a second ready; more wait, and are looked through meanwhile.
 */
const PAUSES_PER_WORK = { sqlite: 9, mysql: 4 } as const;
const GRAMS_AT_ONCE = 1000;

/** Every node does it, one of them at a time. */
export function keepIndexing({ database, logger }: { database: Database; logger: Logger }): () => void {
  return repeating(logger, 'messages could not be made ready to be searched', (stopping) =>
    indexAll(database, stopping),
  );
}

/** All messages that were committed before, of all conversations in turns. */
export async function indexAll(database: Database, stopping?: AbortSignal): Promise<void> {
  for (let isBehind = true; isBehind;) {
    isBehind = false;
    for (let after = 0, isMore = true; isMore && stopping?.aborted !== true;) {
      const behind = await readBehind(database, after);
      if (behind.length === 0) break;
      const startMs = performance.now();
      const isDone = await database.retryingTransaction((tx) =>
        whenFree(tx, 'chat-grams', () => indexSome(tx, behind)),
      );
      // Another node is at it.
      if (isDone === undefined) return;
      await markIndexed(database, behind);
      isBehind ||= !isDone;
      after = behind.at(-1)!;
      isMore = behind.length === CONVERSATIONS;
      await pauseUntil(
        stopping,
        Math.max(PAUSE_MS, PAUSES_PER_WORK[database.dialect] * (performance.now() - startMs)),
      );
    }
    if (stopping?.aborted === true) return;
  }
}

/** In the transaction that recalls a message. */
export async function forgetGrams(
  tx: Tx,
  { conversation_id, seq, content }: Pick<ChatMessage, 'conversation_id' | 'seq' | 'content'>,
): Promise<void> {
  await lockCursors(tx, [conversation_id]);
  const grams = [...gramsOf(content)];
  for (let from = 0; from < grams.length; from += GRAMS_AT_ONCE) {
    const gram = In(grams.slice(from, from + GRAMS_AT_ONCE));
    await tx.manager.delete(ChatGram, { conversation_id, gram, seq });
  }
}

async function readBehind({ currentReader }: Database, after: number): Promise<number[]> {
  const rows = await currentReader.find(ChatConversation, {
    select: { conversation_id: true },
    where: { is_indexed: false, conversation_id: MoreThan(after) },
    order: { conversation_id: 'ASC' },
    take: CONVERSATIONS,
  });
  return rows.map(({ conversation_id: id }) => id);
}

/** @returns whether these conversations have all of their grams, as far as it has looked */
async function indexSome(tx: Tx, conversationIds: readonly number[]): Promise<boolean> {
  const cursors = new Map(
    (await lockCursors(tx, conversationIds)).map((row) => [row.conversation_id, row.seq]),
  );
  const messages = await readAfter(tx, cursors);
  const grams: ChatGram[] = [];
  let taken = 0;
  for (const { conversation_id, seq, type, content } of messages) {
    if (grams.length >= GRAMS) break;
    if ((SEARCHED as readonly string[]).includes(type))
      for (const gram of gramsOf(content)) grams.push({ conversation_id, gram, seq });
    cursors.set(conversation_id, seq);
    taken++;
  }
  if (taken === 0) return true;
  await insertAll(tx, ChatGram, grams);
  await upsertAll(
    tx,
    ChatGramCursor,
    [...cursors].map(([conversation_id, seq]) => ({ conversation_id, seq })),
  );
  return taken === messages.length && messages.length < MESSAGES;
}

/** Of each conversation the next ones, in their order. */
function readAfter({ manager }: Tx, cursors: ReadonlyMap<number, number>): Promise<ChatMessage[]> {
  const ranges = [...cursors].map(
    (_, at) =>
      `(message.conversation_id = :id${at} AND message.seq > :after${at} AND message.seq <= :to${at})`,
  );
  const bounds = [...cursors].flatMap(([id, seq], at): [string, number][] => [
    [`id${at}`, id],
    [`after${at}`, seq],
    [`to${at}`, seq + MESSAGES],
  ]);
  return manager
    .createQueryBuilder(ChatMessage, 'message')
    .where(ranges.join(' OR '), Object.fromEntries(bounds))
    .orderBy('message.conversation_id')
    .addOrderBy('message.seq')
    .limit(ROWS)
    .getMany();
}

/** Made where there is none. In the order of their conversations. */
async function lockCursors(tx: Tx, conversationIds: readonly number[]): Promise<ChatGramCursor[]> {
  const rows = conversationIds.map((conversation_id) => ({ conversation_id, seq: 0 }));
  await upsertAll(tx, ChatGramCursor, rows, { seq: ({ stored }) => stored('seq') });
  return tx.lock(ChatGramCursor, {
    where: { conversation_id: In([...conversationIds]) },
    order: { conversation_id: 'ASC' },
  });
}

/** After the commit, since whoever says something holds the conversation, and then may want its cursor. */
async function markIndexed(database: Database, conversationIds: readonly number[]): Promise<void> {
  await database.retryingTransaction((tx) =>
    tx.manager
      .createQueryBuilder()
      .update(ChatConversation)
      .set({ is_indexed: true })
      .where('conversation_id IN (:...ids)', { ids: conversationIds })
      .andWhere(
        'last_seq = (SELECT seq FROM chat_gram_cursors c WHERE c.conversation_id = chat_conversations.conversation_id)',
      )
      .execute(),
  );
}
