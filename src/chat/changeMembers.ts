/** Who comes into a group and who leaves it, with the line that says so (C-1). */
import { In } from 'typeorm';
import { ChatConversation } from '../../entities/chat/ChatConversation.ts';
import { ChatMember } from '../../entities/chat/ChatMember.ts';
import { ChatMessage } from '../../entities/chat/ChatMessage.ts';
import { requireUsers } from '../identity/people/knownUsers.ts';
import { insertOne } from '../platform/database/bulk.ts';
import type { Tx } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { LIMITS } from '../platform/limits.ts';
import { toViews } from './history.ts';
import { addMembers, findConversation } from './membership.ts';
import type { MessageView } from './messages.ts';

/** By one who is in it; to leave is to remove oneself. */
export interface MemberChange {
  userId: number;
  add: readonly number[];
  remove: readonly number[];
}

export interface ChangedMembers {
  left: number[];
  /** What the conversation says of it; undefined: nothing has changed. */
  told: MessageView | undefined;
}

/** @throws AppError FORBIDDEN, NOT_FOUND, CONFLICT for what is no group, or one that is full */
export async function changeMembers(
  tx: Tx,
  { conversationId, userId, add, remove }: MemberChange & { conversationId: number },
  nowMs: number,
): Promise<ChangedMembers> {
  const conversation = await findConversation(tx, conversationId);
  const which = { conversation_id: conversationId };
  const named = await tx.manager.findBy(ChatMember, { ...which, user_id: In([userId, ...add, ...remove]) });
  const members = new Map(named.map((member) => [member.user_id, member]));
  const own = members.get(userId);
  if (own === undefined) throw new AppError('FORBIDDEN');
  if (conversation.type !== 'group')
    throw new AppError('CONFLICT', { details: { reason: 'its members are who they are' } });
  const removed = [...new Set(remove)].flatMap((id) => members.get(id) ?? []);
  if (removed.some((member) => member.user_id !== userId && !mayRemove(own, member)))
    throw new AppError('FORBIDDEN');
  const added = [...new Set(add)].filter((id) => !members.has(id));
  await requireUsers(tx, added);
  if ((await tx.manager.countBy(ChatMember, which)) + added.length > LIMITS.groupMembers)
    throw new AppError('CONFLICT', { details: { reason: 'the group is full', limit: LIMITS.groupMembers } });
  const left = removed.map((member) => member.user_id);
  if (added.length + left.length === 0) return { left, told: undefined };
  const newcomers = added.map((id) => ({ conversationId, userId: id, role: 'member' as const }));
  await addMembers(
    tx,
    newcomers.map((newcomer) => ({ ...newcomer, readSeq: conversation.last_seq })),
    nowMs,
  );
  if (left.length > 0) await tx.manager.delete(ChatMember, { ...which, user_id: In(left) });
  return { left, told: await tellOf(tx, conversation, { by: userId, added, left }, nowMs) };
}

const RANK = { owner: 2, admin: 1, member: 0 } as const;

function mayRemove(by: ChatMember, member: ChatMember): boolean {
  return RANK[by.role] > RANK[member.role];
}

async function tellOf(
  tx: Tx,
  { conversation_id, last_seq }: ChatConversation,
  told: { by: number; added: number[]; left: number[] },
  nowMs: number,
): Promise<MessageView> {
  const created_at = new Date(nowMs);
  const row: Omit<ChatMessage, 'message_id'> = {
    conversation_id,
    seq: last_seq + 1,
    sender_id: null,
    client_msg_id: null,
    type: 'system',
    content: JSON.stringify({ event: 'members', ...told }),
    created_at,
    recalled_at: null,
  };
  const message_id = await insertOne(tx, ChatMessage, row);
  await tx.manager.update(
    ChatConversation,
    { conversation_id },
    { last_seq: row.seq, updated_at: created_at },
  );
  const [view] = await toViews(tx.manager, [{ ...row, message_id }]);
  return view!;
}
