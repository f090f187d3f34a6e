/** Silence and bans in the rooms of all restaurants (C-4). */
import { In } from 'typeorm';
import { ChatConversation } from '../../../entities/chat/ChatConversation.ts';
import { ChatMember } from '../../../entities/chat/ChatMember.ts';
import { recordAction } from '../../admin/adminLog.ts';
import { briefly } from '../../platform/cluster/briefly.ts';
import type { Database, Tx } from '../../platform/database/transaction.ts';
import type { Logger } from '../../platform/logger.ts';
import { lockConversations } from '../membership.ts';
import type { ConversationOwners } from '../ownerCalls.ts';
import { writeRestrictions, type Restrict } from './restrict.ts';
import { RESTAURANTS } from './restrictions.ts';

export interface RestrictingServices {
  database: Database;
  conversations: Pick<ConversationOwners, 'moderate'>;
  logger: Pick<Logger, 'warn'>;
}

/**
 * In the conversations of all restaurants, whichever are added. Whoever is banned is in none of them once this is done; seats that
 * they have are closed by the owners, and one that cannot be reached lets them say nothing. @throws AppError NOT_FOUND, VALIDATION_FAILED
 */
export async function restrictInRestaurants(
  { database, conversations, logger }: RestrictingServices,
  { actor, reason, ...given }: Restrict,
  nowMs: number,
): Promise<void> {
  const { userId, bannedUntilMs } = given;
  const isBan = bannedUntilMs !== undefined && bannedUntilMs !== null;
  const left = await database.retryingTransaction(async (tx) => {
    // Nobody comes in beside it.
    const roomIds = isBan ? await lockRestaurantRooms(tx) : [];
    const recorded = await writeRestrictions(
      tx,
      { ...given, actor, reason, conversationId: RESTAURANTS },
      nowMs,
    );
    if (recorded !== undefined)
      await recordAction(tx, { actor, ...recorded, after: { ...recorded.after, reason } }, nowMs);
    const members = await tx.manager.findBy(ChatMember, { user_id: userId, conversation_id: In(roomIds) });
    const ids = members.map(({ conversation_id: id }) => id);
    await tx.manager.delete(ChatMember, { user_id: userId, conversation_id: In(ids) });
    return ids;
  });
  const action = { kind: 'put-out', userId } as const;
  for (const id of left)
    await briefly(
      conversations
        .moderate(id, { actor, reason, action })
        .catch((error: unknown) =>
          logger.warn(
            { err: error, userId, conversationId: id },
            'the seats of somebody banned were not closed',
          ),
        ),
      undefined,
    );
}

async function lockRestaurantRooms(tx: Tx): Promise<number[]> {
  const rooms = await tx.manager.find(ChatConversation, {
    select: { conversation_id: true },
    where: { type: 'restaurant' },
  });
  const ids = rooms.map(({ conversation_id: id }) => id);
  await lockConversations(tx, ids);
  return ids;
}
