import type { ChatBlock } from '../../../entities/chat/ChatBlock.ts';
import { ChatConversation } from '../../../entities/chat/ChatConversation.ts';
import type { ChatMember } from '../../../entities/chat/ChatMember.ts';
import type { ChatRestriction } from '../../../entities/chat/ChatRestriction.ts';
import { findStaff } from '../../identity/people/staff.ts';
import type { Tx } from '../../platform/database/transaction.ts';
import type { EntityManager } from 'typeorm';
import type { AppError } from '../../platform/errors.ts';
import { blockRefusal, findBlocksBetween } from '../blocks.ts';
import { peopleOf } from '../pairs.ts';
import { findRestricted, refusalOf } from './restrictions.ts';
import { slowModeRefusal } from './slowMode.ts';

interface Found {
  restricted: ReadonlyMap<number, ChatRestriction>;
  staff: ReadonlySet<number>;
  /** Of a conversation of two. */
  blocks: readonly ChatBlock[];
}

/** Whether those who send something in one group commit may, now: who is silenced, who has blocked whom, and who has spoken just before (C-4, RC-11). */
export class Manners {
  static async of(
    { manager }: Tx,
    { conversation, senderIds }: { conversation: ChatConversation; senderIds: readonly number[] },
    nowMs: number,
  ): Promise<Manners> {
    const none = senderIds.length === 0;
    const isSlow = conversation.slow_mode_s > 0;
    const isPrivate = conversation.type === 'private';
    const [restricted, staff, blocks] = await Promise.all([
      none ? new Map() : findRestricted(manager, { conversation, userIds: senderIds }, nowMs),
      none || !isSlow ? new Set<number>() : findStaff(manager, senderIds),
      none || !isPrivate ? [] : findBlocksBetween(manager, peopleOf(conversation.pair)),
    ]);
    return new Manners(conversation, { restricted, staff, blocks }, nowMs);
  }

  private constructor(
    private readonly conversation: ChatConversation,
    private readonly found: Found,
    private readonly nowMs: number,
  ) {}

  refusalOf(member: ChatMember): AppError | undefined {
    const restriction = this.found.restricted.get(member.user_id);
    if (restriction !== undefined) return refusalOf(restriction);
    const refused = blockRefusal(this.found.blocks, member.user_id);
    if (refused !== undefined) return refused;
    return this.isSlowed(member) ? slowModeRefusal(this.conversation, member, this.nowMs) : undefined;
  }

  /** They have sent something. @returns whether that is to be stored of them */
  note(member: ChatMember): boolean {
    if (!this.isSlowed(member)) return false;
    member.sent_at = new Date(this.nowMs);
    return true;
  }

  private isSlowed({ user_id, role }: ChatMember): boolean {
    return this.conversation.slow_mode_s > 0 && role === 'member' && !this.found.staff.has(user_id);
  }
}

/** Whether somebody is neither silenced nor blocked there, outside of a commit. */
export async function mayWrite(
  manager: EntityManager,
  { conversationId, userId }: { conversationId: number; userId: number },
  nowMs: number,
): Promise<boolean> {
  const conversation = await manager.findOneBy(ChatConversation, { conversation_id: conversationId });
  if (conversation === null) return false;
  const { type, pair } = conversation;
  const [restricted, blocks] = await Promise.all([
    findRestricted(manager, { conversation, userIds: [userId] }, nowMs),
    type === 'private' ? findBlocksBetween(manager, peopleOf(pair)) : [],
  ]);
  return restricted.size === 0 && blocks.length === 0;
}
