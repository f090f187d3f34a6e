/** Who comes into a group and who leaves it, with the line that says so (C-1). */
import { In } from 'typeorm';
import type { ChatConversation } from '../../entities/chat/ChatConversation.ts';
import { ChatMember } from '../../entities/chat/ChatMember.ts';
import { requireUsers } from '../identity/people/knownUsers.ts';
import type { Tx } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { LIMITS } from '../platform/limits.ts';
import { refuseBlocked } from './blocks.ts';
import type { Changed } from './changed.ts';
import { addMembers, lockConversation } from './membership.ts';
import { findRestricted } from './moderation/restrictions.ts';
import { isAbove, takeOut } from './moderation/roles.ts';
import { sayOfItself } from './systemLine.ts';

/** By one who is in it; to leave is to remove oneself. */
export interface MemberChange {
  userId: number;
  add: readonly number[];
  remove: readonly number[];
}

/** @throws AppError FORBIDDEN, NOT_FOUND, CONFLICT for what is no group, one that is full, and whoever is banned from it */
export async function changeMembers(
  tx: Tx,
  { conversationId, userId, add, remove }: MemberChange & { conversationId: number },
  nowMs: number,
): Promise<Changed> {
  const conversation = await lockConversation(tx, conversationId);
  const which = { conversation_id: conversationId };
  const named = await tx.manager.findBy(ChatMember, { ...which, user_id: In([userId, ...add, ...remove]) });
  const members = new Map(named.map((member) => [member.user_id, member]));
  const own = members.get(userId);
  if (own === undefined) throw new AppError('FORBIDDEN');
  if (conversation.type !== 'group')
    throw new AppError('CONFLICT', { details: { reason: 'its members are who they are' } });
  const removed = [...new Set(remove)].flatMap((id) => members.get(id) ?? []);
  if (removed.some((member) => member.user_id !== userId && !isAbove(own, member)))
    throw new AppError('FORBIDDEN');
  const added = [...new Set(add)].filter((id) => !members.has(id));
  await requireUsers(tx, added);
  await refuseBlocked(tx, { userId, otherIds: added });
  await refuseBanned(tx, { conversation, userIds: added }, nowMs);
  if ((await tx.manager.countBy(ChatMember, which)) + added.length > LIMITS.groupMembers)
    throw new AppError('CONFLICT', { details: { reason: 'the group is full', limit: LIMITS.groupMembers } });
  const left = removed.map((member) => member.user_id);
  if (added.length + left.length === 0) return {};
  const newcomers = added.map((id) => ({ conversationId, userId: id, role: 'member' as const }));
  await addMembers(
    tx,
    newcomers.map((newcomer) => ({ ...newcomer, readSeq: conversation.last_seq })),
    nowMs,
  );
  const owner = await takeOut(tx, conversationId, removed);
  const line = { event: 'members', by: userId, added, left, ...(owner !== undefined && { owner }) };
  return { left, told: await sayOfItself(tx, conversation, line, nowMs) };
}

async function refuseBanned(
  { manager }: Tx,
  asked: { conversation: ChatConversation; userIds: readonly number[] },
  nowMs: number,
): Promise<void> {
  if (asked.userIds.length === 0) return;
  const restricted = await findRestricted(manager, asked, nowMs);
  const banned = [...restricted.values()].filter(({ kind }) => kind === 'ban');
  if (banned.length === 0) return;
  const userIds = banned.map(({ user_id }) => user_id);
  throw new AppError('CONFLICT', { details: { reason: 'is banned from the group', user_ids: userIds } });
}
