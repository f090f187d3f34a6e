/** Who may be in a conversation. In that of a restaurant everybody may, and becomes a member by coming. */
import { ChatConversation } from '../../entities/chat/ChatConversation.ts';
import { ChatMember, type MemberRole } from '../../entities/chat/ChatMember.ts';
import { insertAll, upsertAll } from '../platform/database/bulk.ts';
import type { Database, Tx } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';

/** @throws AppError NOT_FOUND */
export async function findConversation(
  { manager }: Pick<Tx, 'manager'>,
  conversationId: number,
): Promise<ChatConversation> {
  const found = await manager.findOneBy(ChatConversation, { conversation_id: conversationId });
  if (found === null) throw new AppError('NOT_FOUND');
  return found;
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

/** At the door of a room. What a newcomer to a restaurant finds there is not unread to them. @throws AppError FORBIDDEN */
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
  const { last_seq } = found;
  await database.retryingTransaction((tx) =>
    upsertAll(
      tx,
      ChatMember,
      [{ ...which, role: 'member', read_seq: last_seq, is_muted: false, joined_at: new Date(nowMs) }],
      { role: ({ stored }) => stored('role'), read_seq: 'kept', is_muted: 'kept', joined_at: 'kept' },
    ),
  );
}

export async function addMembers(
  tx: Tx,
  members: readonly { conversationId: number; userId: number; role: MemberRole; readSeq: number }[],
  nowMs: number,
): Promise<void> {
  const joined_at = new Date(nowMs);
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
