/** Who is above whom in a group, and who has it once its owner is gone (C-1). */
import { In } from 'typeorm';
import { ChatMember } from '../../../entities/chat/ChatMember.ts';
import { tellOfChat } from '../tellChats.ts';
import type { Tx } from '../../platform/database/transaction.ts';

const RANK = { owner: 2, admin: 1, member: 0 } as const;

type Ranked = Pick<ChatMember, 'role'>;

export function isAbove(by: Ranked, member: Ranked): boolean {
  return RANK[by.role] > RANK[member.role];
}

/**
 * Takes people out of a conversation. A group that has lost its owner by it goes to whoever has been its admin longest, or else its
 * member; one that nobody is in any more is nobody's.
 * @returns the new owner
 */
export async function takeOut(
  tx: Tx,
  conversationId: number,
  members: readonly ChatMember[],
): Promise<number | undefined> {
  if (members.length === 0) return undefined;
  const which = { conversation_id: conversationId };
  const userIds = members.map(({ user_id }) => user_id);
  await tx.manager.delete(ChatMember, { ...which, user_id: In(userIds) });
  tellOfChat(tx, conversationId, userIds);
  if (members.every(({ role }) => role !== 'owner')) return undefined;
  const oldest = { joined_at: 'ASC', user_id: 'ASC' } as const;
  const heir =
    (await tx.manager.findOne(ChatMember, { where: { ...which, role: 'admin' }, order: oldest })) ??
    (await tx.manager.findOne(ChatMember, { where: which, order: oldest }));
  if (heir === null) return undefined;
  await tx.manager.update(ChatMember, { ...which, user_id: heir.user_id }, { role: 'owner' });
  return heir.user_id;
}
