/** Messages as they are stored: in the order of their numbers, without gaps (RC-1). */
import { LessThan, MoreThan, type EntityManager } from 'typeorm';
import { ChatConversation } from '../../entities/chat/ChatConversation.ts';
import { ChatMessage } from '../../entities/chat/ChatMessage.ts';
import { nobody, readPublicPeople, type PublicPerson } from '../identity/people/publicPeople.ts';
import { peopleNamed } from './linePeople.ts';
import type { MessageView, Missed } from './messages.ts';

export interface HistoryPart {
  conversationId: number;
  /** The newest before this one; absent, and without `afterSeq`: the newest of all. */
  beforeSeq?: number | undefined;
  /** The oldest after this one. */
  afterSeq?: number | undefined;
  limit: number;
}

/** In ascending order. */
export async function readMessages(
  manager: EntityManager,
  { conversationId, beforeSeq, afterSeq, limit }: HistoryPart,
): Promise<MessageView[]> {
  const seq =
    afterSeq !== undefined ? MoreThan(afterSeq) : beforeSeq !== undefined ? LessThan(beforeSeq) : undefined;
  const rows = await manager.find(ChatMessage, {
    where: { conversation_id: conversationId, ...(seq !== undefined && { seq }) },
    order: { seq: afterSeq === undefined ? 'DESC' : 'ASC' },
    take: limit,
  });
  return toViews(manager, afterSeq === undefined ? rows.reverse() : rows);
}

/**
 * What somebody has not seen who knows everything up to `lastSeq`; of somebody who knows nothing, or more than there is, the newest.
 */
export async function readMissed(
  manager: EntityManager,
  conversationId: number,
  { lastSeq, limit }: { lastSeq: number | undefined; limit: number },
): Promise<Missed> {
  const part = { conversationId, afterSeq: lastSeq, limit: limit + 1 };
  const found = await readMessages(manager, part);
  if (lastSeq !== undefined && found.length === 0 && lastSeq > (await lastSeqOf(manager, conversationId)))
    return {
      ...(await readMissed(manager, conversationId, { lastSeq: undefined, limit })),
      is_anew: true,
    };
  const messages = lastSeq === undefined ? found.slice(-limit) : found.slice(0, limit);
  const from = messages[0]?.seq ?? (lastSeq ?? 0) + 1;
  return {
    from_seq: from,
    to_seq: messages.at(-1)?.seq ?? from - 1,
    has_more: found.length > limit,
    messages,
  };
}

async function lastSeqOf(manager: EntityManager, conversationId: number): Promise<number> {
  const select = { conversation_id: true, last_seq: true } as const;
  const found = await manager.findOne(ChatConversation, {
    select,
    where: { conversation_id: conversationId },
  });
  return found?.last_seq ?? 0;
}

/** As people see them. */
export async function toViews(manager: EntityManager, rows: readonly ChatMessage[]): Promise<MessageView[]> {
  const people = await readPublicPeople(
    manager,
    rows.flatMap((row) => row.sender_id ?? peopleNamed(row)),
  );
  return rows.map((row) => toView(row, people));
}

export function toView(row: ChatMessage, people: ReadonlyMap<number, PublicPerson>): MessageView {
  const { sender_id: senderId } = row;
  const personOf = (userId: number) => people.get(userId) ?? nobody(userId);
  const named = peopleNamed(row);
  return {
    message_id: row.message_id,
    seq: row.seq,
    sender: senderId === null ? null : personOf(senderId),
    type: row.type,
    content: row.content,
    created_at: row.created_at.toISOString(),
    recalled_at: row.recalled_at?.toISOString() ?? null,
    ...(named.length > 0 && { named: named.map(personOf) }),
  };
}
