/** Who may be in a conversation. In that of a restaurant everybody may, and becomes a member by coming. */
import { In } from 'typeorm';
import { ChatConversation } from '../../entities/chat/ChatConversation.ts';
import { ChatMember, type MemberRole } from '../../entities/chat/ChatMember.ts';
import { insertAll, upsertAll } from '../platform/database/bulk.ts';
import type { Database, Tx } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { tellOfChat } from './tellChats.ts';
import { findRestricted, refusalOf } from './moderation/restrictions.ts';

/** @throws AppError NOT_FOUND */
export async function findConversation(
  { manager }: Pick<Tx, 'manager'>,
  conversationId: number,
): Promise<ChatConversation> {
  const found = await manager.findOneBy(ChatConversation, { conversation_id: conversationId });
  if (found === null) throw new AppError('NOT_FOUND');
  return found;
}

/** As `findConversation`; whoever changes its members or its messages holds it until the end. Second of their locks, after the fence. */
export async function lockConversation(tx: Tx, conversationId: number): Promise<ChatConversation> {
  const [found] = await tx.lock(ChatConversation, { where: { conversation_id: conversationId } });
  if (found === undefined) throw new AppError('NOT_FOUND');
  return found;
}

/** As `lockConversation`, of several, in one order everywhere (DRAW-9). */
export async function lockConversations(tx: Tx, conversationIds: readonly number[]): Promise<void> {
  if (conversationIds.length === 0) return;
  const which = { conversation_id: In([...conversationIds]) };
  await tx.lock(ChatConversation, { where: which, order: { conversation_id: 'ASC' } });
}

/** Of what they are not in, nobody learns whether it is there. @throws AppError FORBIDDEN */
export async function requireMember(
  { currentReader: manager }: Pick<Database, 'currentReader'>,
  conversationId: number,
  userId: number,
): Promise<ChatMember> {
  const member = await manager.findOneBy(ChatMember, { conversation_id: conversationId, user_id: userId });
  if (member === null) throw new AppError('FORBIDDEN');
  return member;
}

/** At the door of a room. What a newcomer to a restaurant finds there is not unread to them. @throws AppError FORBIDDEN, with what bans them */
export async function admit(
  database: Database,
  { conversationId, userId }: { conversationId: number; userId: number },
  nowMs: number,
): Promise<void> {
  const manager = database.currentReader;
  const which = { conversation_id: conversationId, user_id: userId };
  if (await manager.existsBy(ChatMember, which)) return;
  const found = await manager.findOneBy(ChatConversation, { conversation_id: conversationId });
  if (found?.type !== 'restaurant') throw new AppError('FORBIDDEN');
  await database.retryingTransaction(async (tx) => {
    const conversation = await lockConversation(tx, conversationId);
    const restricted = await findRestricted(tx.manager, { conversation, userIds: [userId] }, nowMs);
    const ban = restricted.get(userId);
    if (ban?.kind === 'ban') throw refusalOf(ban);
    const newcomer = { role: 'member', read_seq: conversation.last_seq, is_muted: false } as const;
    await upsertAll(tx, ChatMember, [{ ...which, ...newcomer, joined_at: new Date(nowMs) }], {
      role: ({ stored }) => stored('role'),
      read_seq: 'kept',
      is_muted: 'kept',
      joined_at: 'kept',
    });
  });
}

export async function addMembers(
  tx: Tx,
  members: readonly { conversationId: number; userId: number; role: MemberRole; readSeq: number }[],
  nowMs: number,
): Promise<void> {
  const joined_at = new Date(nowMs);
  for (const [conversationId, added] of Map.groupBy(members, (member) => member.conversationId))
    tellOfChat(
      tx,
      conversationId,
      added.map(({ userId }) => userId),
    );
  await insertAll(
    tx,
    ChatMember,
    members.map(({ conversationId, userId, role, readSeq }) => ({
      conversation_id: conversationId,
      user_id: userId,
      role,
      read_seq: readSeq,
      is_muted: false,
      joined_at,
    })),
  );
}
