/** Tells those who look at their conversations that one of them is another than they know (C-8). */
import type { ChatConversation } from '../../entities/chat/ChatConversation.ts';
import { ChatMember } from '../../entities/chat/ChatMember.ts';
import { tellSync } from '../platform/sync.ts';
import type { Tx } from '../platform/database/transaction.ts';

/** Of any of them who is no member any more, too: it is theirs no longer. */
export function tellOfChat(
  tx: Pick<Tx, 'topics'>,
  conversationId: number,
  userIds: readonly number[],
  change: Record<string, unknown> = {},
): void {
  if (userIds.length === 0) return;
  tellSync(tx, { to: { userIds }, entity: 'chat', id: conversationId, change });
}

interface Stirred {
  /** Something was said, or taken back. */
  lastSeq?: number | undefined;
  /** Who has read on. */
  readers: readonly number[];
}

/**
 * Of a room of a restaurant nobody is told: anybody may be in it, and there is always something new. Whoever is in it hears what
 * is said, and whoever is not looks now and then.
 */
export async function tellMembers(
  tx: Tx,
  { conversation_id: id, type }: Pick<ChatConversation, 'conversation_id' | 'type'>,
  { lastSeq, readers }: Stirred,
): Promise<void> {
  if (type === 'restaurant') return;
  if (lastSeq === undefined) return tellOfChat(tx, id, readers);
  const members = await tx.manager.find(ChatMember, {
    select: { user_id: true },
    where: { conversation_id: id },
  });
  const userIds = members.map(({ user_id }) => user_id);
  tellOfChat(tx, id, userIds, { last_seq: lastSeq });
}
