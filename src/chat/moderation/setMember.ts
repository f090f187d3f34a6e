/** Roles in a group, and who has to be silent in it for a while (C-1). */
import { In } from 'typeorm';
import { ChatMember, type MemberRole } from '../../../entities/chat/ChatMember.ts';
import type { Tx } from '../../platform/database/transaction.ts';
import { AppError } from '../../platform/errors.ts';
import type { Changed } from '../changed.ts';
import { lockConversation } from '../membership.ts';
import { sayOfItself } from '../systemLine.ts';
import { setRestriction } from './restrictions.ts';
import { isAbove } from './roles.ts';

/** By one who is in the group. */
export interface MemberSetting {
  userId: number;
  memberId: number;
  role?: MemberRole | undefined;
  /** null: they may speak again. */
  mutedUntilMs?: number | null | undefined;
  reason?: string | undefined;
}

/** @throws AppError FORBIDDEN, NOT_FOUND for who is not in it, CONFLICT for what is no group, VALIDATION_FAILED */
export async function setMember(
  tx: Tx,
  setting: MemberSetting & { conversationId: number },
  nowMs: number,
): Promise<Changed> {
  const { conversationId, userId, memberId, role, mutedUntilMs, reason = '' } = setting;
  const conversation = await lockConversation(tx, conversationId);
  const which = { conversation_id: conversationId };
  const found = await tx.manager.findBy(ChatMember, { ...which, user_id: In([userId, memberId]) });
  const own = found.find(({ user_id }) => user_id === userId);
  if (own === undefined) throw new AppError('FORBIDDEN');
  if (conversation.type !== 'group')
    throw new AppError('CONFLICT', { details: { reason: 'only groups have roles' } });
  const member = found.find(({ user_id }) => user_id === memberId);
  if (member === undefined) throw new AppError('NOT_FOUND');
  if (mutedUntilMs !== undefined) {
    if (!isAbove(own, member)) throw new AppError('FORBIDDEN');
    const muted = { conversationId, userId: memberId, kind: 'mute', by: userId } as const;
    await setRestriction(tx, { ...muted, endsMs: mutedUntilMs, reason }, nowMs);
  }
  if (role === undefined) return {};
  if (!(await giveRole(tx, { own, member, role }))) return {};
  const line = { event: 'role', by: userId, user_id: memberId, role };
  return { told: await sayOfItself(tx, conversation, line, nowMs) };
}

/** @returns whether it is another one */
async function giveRole(
  tx: Tx,
  { own, member, role }: { own: ChatMember; member: ChatMember; role: MemberRole },
): Promise<boolean> {
  if (own.role !== 'owner') throw new AppError('FORBIDDEN');
  if (member.role === role) return false;
  if (member.user_id === own.user_id)
    throw new AppError('CONFLICT', { details: { reason: 'a group is handed over to somebody' } });
  const set = ({ conversation_id, user_id }: ChatMember, given: MemberRole) =>
    tx.manager.update(ChatMember, { conversation_id, user_id }, { role: given });
  await set(member, role);
  // There is one owner.
  if (role === 'owner') await set(own, 'admin');
  return true;
}
