import type { ChatConversation } from '../../../entities/chat/ChatConversation.ts';
import type { ChatMember } from '../../../entities/chat/ChatMember.ts';
import type { ChatRestriction } from '../../../entities/chat/ChatRestriction.ts';
import { findStaff } from '../../identity/people/staff.ts';
import type { Tx } from '../../platform/database/transaction.ts';
import type { AppError } from '../../platform/errors.ts';
import { findRestricted, refusalOf } from './restrictions.ts';
import { slowModeRefusal } from './slowMode.ts';

/** Whether those who send something in one group commit may, now: who is silenced, and who has spoken just before (C-4). */
export class Manners {
  static async of(
    { manager }: Tx,
    { conversation, senderIds }: { conversation: ChatConversation; senderIds: readonly number[] },
    nowMs: number,
  ): Promise<Manners> {
    const none = senderIds.length === 0;
    const isSlow = conversation.slow_mode_s > 0;
    const [restricted, staff] = await Promise.all([
      none ? new Map() : findRestricted(manager, { conversation, userIds: senderIds }, nowMs),
      none || !isSlow ? new Set<number>() : findStaff(manager, senderIds),
    ]);
    return new Manners(conversation, restricted, staff, nowMs);
  }

  private constructor(
    private readonly conversation: ChatConversation,
    private readonly restricted: ReadonlyMap<number, ChatRestriction>,
    private readonly staff: ReadonlySet<number>,
    private readonly nowMs: number,
  ) {}

  refusalOf(member: ChatMember): AppError | undefined {
    const restriction = this.restricted.get(member.user_id);
    if (restriction !== undefined) return refusalOf(restriction);
    return this.isSlowed(member) ? slowModeRefusal(this.conversation, member, this.nowMs) : undefined;
  }

  /** They have sent something. @returns whether that is to be stored of them */
  note(member: ChatMember): boolean {
    if (!this.isSlowed(member)) return false;
    member.sent_at = new Date(this.nowMs);
    return true;
  }

  private isSlowed({ user_id, role }: ChatMember): boolean {
    return this.conversation.slow_mode_s > 0 && role === 'member' && !this.staff.has(user_id);
  }
}
