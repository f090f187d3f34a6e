/** The conversations of a person, with what they have not read of each (C-3, RC-3). */
import { In } from 'typeorm';
import { ChatConversation } from '../../entities/chat/ChatConversation.ts';
import { ChatMember } from '../../entities/chat/ChatMember.ts';
import { ChatMessage } from '../../entities/chat/ChatMessage.ts';
import { holdUsers, requireUsers } from '../identity/people/knownUsers.ts';
import { readPublicPeople } from '../identity/people/publicPeople.ts';
import { insertOne } from '../platform/database/bulk.ts';
import type { Database, Tx } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { LIMITS } from '../platform/limits.ts';
import { blockRefusal, findBlocksBetween, refuseBlocked } from './blocks.ts';
import { toViews } from './history.ts';
import { addMembers } from './membership.ts';
import type { ConversationView } from './messages.ts';
import { pairOf, peopleOf } from './pairs.ts';

/** Those in which something was said last come first. Of the primary: whoever has just read is told so. */
export async function listConversations(database: Database, userId: number): Promise<ConversationView[]> {
  const manager = database.currentReader;
  const members = await manager.findBy(ChatMember, { user_id: userId });
  const conversations = await manager.find(ChatConversation, {
    where: { conversation_id: In(members.map(({ conversation_id: id }) => id)) },
    order: { updated_at: 'DESC', conversation_id: 'DESC' },
    take: LIMITS.listedConversations,
  });
  const memberOf = new Map(members.map((member) => [member.conversation_id, member]));
  const [unread, last, names] = await Promise.all([
    countUnread(database, userId, conversations, memberOf),
    readLast(database, conversations),
    namesOfPairs(database, userId, conversations),
  ]);
  return conversations.map((conversation) => {
    const { conversation_id: id } = conversation;
    const { read_seq, is_muted, role } = memberOf.get(id)!;
    return {
      conversation_id: id,
      type: conversation.type,
      name: names.get(id) ?? conversation.name,
      restaurant_id: conversation.restaurant_id,
      last_seq: conversation.last_seq,
      read_seq,
      unread: unread.get(id) ?? 0,
      muted: Boolean(is_muted),
      role,
      slow_mode_s: conversation.slow_mode_s,
      last_message: last.get(id) ?? null,
    };
  });
}

/**
 * What others have said after what was read, and have not taken back: counted and never kept, so that it cannot drift. No more than
 * the newest of each conversation are looked at.
 */
async function countUnread(
  database: Database,
  userId: number,
  conversations: readonly ChatConversation[],
  memberOf: ReadonlyMap<number, ChatMember>,
): Promise<ReadonlyMap<number, number>> {
  const behind = conversations.flatMap(({ conversation_id: id, last_seq }) => {
    const after = Math.max(memberOf.get(id)!.read_seq, last_seq - LIMITS.countedUnread);
    return after < last_seq ? [{ id, after }] : [];
  });
  if (behind.length === 0) return new Map();
  const query = database.currentReader
    .createQueryBuilder()
    .select('message.conversation_id', 'id')
    .addSelect('COUNT(*)', 'unread')
    .from(ChatMessage, 'message')
    .where('message.sender_id <> :userId AND message.recalled_at IS NULL', { userId })
    .andWhere(
      `(${behind.map((_, at) => `(message.conversation_id = :id${at} AND message.seq > :after${at})`).join(' OR ')})`,
      Object.fromEntries(
        behind.flatMap(({ id, after }, at) => [
          [`id${at}`, id],
          [`after${at}`, after],
        ]),
      ),
    )
    .groupBy('message.conversation_id');
  const rows = await query.getRawMany<{ id: number; unread: number | string }>();
  return new Map(rows.map(({ id, unread }) => [Number(id), Number(unread)]));
}

async function readLast(database: Database, conversations: readonly ChatConversation[]) {
  const manager = database.currentReader;
  const where = conversations
    .filter(({ last_seq }) => last_seq > 0)
    .map(({ conversation_id, last_seq: seq }) => ({ conversation_id, seq }));
  const rows = where.length === 0 ? [] : await manager.find(ChatMessage, { where });
  const views = await toViews(manager, rows);
  return new Map(rows.map(({ conversation_id: id }, at) => [id, views[at]!]));
}

/** A private conversation is called by whom it is with. */
async function namesOfPairs(
  database: Database,
  userId: number,
  conversations: readonly ChatConversation[],
): Promise<ReadonlyMap<number, string>> {
  const others = conversations.flatMap(({ conversation_id: id, pair }) => {
    const other = peopleOf(pair).find((one) => one !== userId);
    return other === undefined ? [] : [[id, other] as const];
  });
  const people = await readPublicPeople(
    database.currentReader,
    others.map(([, other]) => other),
  );
  return new Map(others.map(([id, other]) => [id, people.get(other)?.nickname ?? '']));
}

/** Two people have one, whoever of them asks. @throws AppError NOT_FOUND, FORBIDDEN if one has blocked the other, VALIDATION_FAILED with oneself */
export async function openPrivate(
  tx: Tx,
  { userId, otherId }: { userId: number; otherId: number },
  nowMs: number,
): Promise<ChatConversation> {
  if (userId === otherId)
    throw new AppError('VALIDATION_FAILED', { details: [{ path: 'user_id', message: 'is your own' }] });
  await requireUsers(tx, [otherId]);
  const pair = pairOf(userId, otherId);
  const known = await tx.manager.findOneBy(ChatConversation, { pair });
  // Whoever blocks the other meanwhile finds it, or is seen here.
  if (known === null) await holdUsers(tx, [userId, otherId]);
  const refused = blockRefusal(await findBlocksBetween(tx.manager, [userId, otherId]), userId);
  if (refused !== undefined) throw refused;
  if (known !== null) return known;
  const conversation = await insertConversation(tx, { type: 'private', name: '', pair }, nowMs);
  const { conversation_id: conversationId } = conversation;
  const members = [userId, otherId].map((id) => ({
    conversationId,
    userId: id,
    role: 'member' as const,
    readSeq: 0,
  }));
  await addMembers(tx, members, nowMs);
  return conversation;
}

export interface NewGroup {
  userId: number;
  name: string;
  memberIds: readonly number[];
  /** Seconds between two messages of a member, until somebody changes it. */
  slowModeS?: number;
}

/** @throws AppError NOT_FOUND, FORBIDDEN with whom has blocked its founder */
export async function openGroup(
  tx: Tx,
  { userId, name, memberIds, slowModeS = 0 }: NewGroup,
  nowMs: number,
): Promise<ChatConversation> {
  const others = [...new Set(memberIds)].filter((id) => id !== userId);
  await requireUsers(tx, others);
  await refuseBlocked(tx, { userId, otherIds: others });
  const conversation = await insertConversation(tx, { type: 'group', name, slow_mode_s: slowModeS }, nowMs);
  const { conversation_id: conversationId } = conversation;
  await addMembers(
    tx,
    [
      { conversationId, userId, role: 'owner', readSeq: 0 },
      ...others.map((id) => ({ conversationId, userId: id, role: 'member' as const, readSeq: 0 })),
    ],
    nowMs,
  );
  return conversation;
}

export async function insertConversation(
  tx: Tx,
  given: Pick<ChatConversation, 'type' | 'name'> &
    Partial<Pick<ChatConversation, 'pair' | 'restaurant_id' | 'slow_mode_s'>>,
  nowMs: number,
): Promise<ChatConversation> {
  const created_at = new Date(nowMs);
  const counted = { last_seq: 0, is_indexed: true, created_at, updated_at: created_at };
  const row = { pair: null, restaurant_id: null, slow_mode_s: 0, ...given, ...counted };
  return { ...row, conversation_id: await insertOne(tx, ChatConversation, row) };
}

/** Whether somebody wants to be told of new messages. */
export async function mute(
  tx: Tx,
  { conversationId, userId, isMuted }: { conversationId: number; userId: number; isMuted: boolean },
): Promise<void> {
  const which = { conversation_id: conversationId, user_id: userId };
  await tx.manager.update(ChatMember, which, { is_muted: isMuted });
}
