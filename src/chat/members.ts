/** Who is in a conversation, as its members see each other. */
import type { EntityManager } from 'typeorm';
import type { z } from 'zod';
import { ChatConversation } from '../../entities/chat/ChatConversation.ts';
import { ChatMember, type MemberRole } from '../../entities/chat/ChatMember.ts';
import { nobody, readPublicPeople } from '../identity/people/publicPeople.ts';
import type { Database } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { LIMITS } from '../platform/limits.ts';
import { requireMember } from './membership.ts';
import type { conversationMemberShape } from './messages.ts';
import { findRestricted } from './moderation/restrictions.ts';

type MemberView = z.output<typeof conversationMemberShape>;

const ORDER: Record<MemberRole, number> = { owner: 0, admin: 1, member: 2 };

/**
 * Its owner first, then its admins; in each role who came first. Who is silenced, those learn who run the group, and everybody of
 * themself. @throws AppError FORBIDDEN, CONFLICT for a room in which anybody may be
 */
export async function listMembers(
  database: Pick<Database, 'currentReader'>,
  { conversationId, userId }: { conversationId: number; userId: number },
  nowMs: number,
): Promise<MemberView[]> {
  const manager = database.currentReader;
  const conversation = await manager.findOneBy(ChatConversation, { conversation_id: conversationId });
  if (conversation?.type === 'restaurant')
    throw new AppError('CONFLICT', { details: { reason: 'anybody may be in it' } });
  const own = await requireMember(database, conversationId, userId);
  if (conversation === null) throw new AppError('FORBIDDEN');
  const members = await manager.find(ChatMember, {
    where: { conversation_id: conversationId },
    order: { joined_at: 'ASC', user_id: 'ASC' },
    take: LIMITS.groupMembers,
  });
  const userIds = members.map(({ user_id }) => user_id);
  const [people, muted] = await Promise.all([
    readPublicPeople(manager, userIds),
    readMuted(manager, { conversation, userIds }, nowMs),
  ]);
  return members
    .map(({ user_id, role, read_seq }) => ({
      user: people.get(user_id) ?? nobody(user_id),
      role,
      read_seq,
      muted_until: own.role === 'member' && user_id !== userId ? null : (muted.get(user_id) ?? null),
    }))
    .sort((one, other) => ORDER[one.role] - ORDER[other.role]);
}

/** By who may not speak there, until when. */
async function readMuted(
  manager: EntityManager,
  asked: Parameters<typeof findRestricted>[1],
  nowMs: number,
): Promise<ReadonlyMap<number, string>> {
  const restricted = await findRestricted(manager, asked, nowMs);
  return new Map([...restricted].map(([userId, { ends_at }]) => [userId, ends_at.toISOString()]));
}
