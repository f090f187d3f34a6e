/** A diner asks for service: one session at a time, and the same conversation if the last one was a short while ago. */
import type { ServiceSession } from '../../../entities/chat/ServiceSession.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database, Tx } from '../../platform/database/transaction.ts';
import { AppError, asAppError } from '../../platform/errors.ts';
import { LIMITS } from '../../platform/limits.ts';
import { insertConversation } from '../conversations.ts';
import { addMembers } from '../membership.ts';
import type { ConversationOwners } from '../ownerCalls.ts';
import { insertSession, isOpen } from './changeSession.ts';
import { findLastOf, findOpenOf } from './queue.ts';

const TRIES = 3;

export interface OpenServices {
  database: Database;
  clock: Clock;
  conversations: Pick<ConversationOwners, 'changeSession'>;
}

export interface AskedService {
  userId: number;
  topic: string;
  restaurantId: number | null;
}

/** @returns the conversation */
export async function openService(services: OpenServices, asked: AskedService): Promise<number> {
  const { database, clock, conversations } = services;
  const { userId } = asked;
  for (let attempt = 1; ; attempt++) {
    const nowMs = clock.nowMs();
    const last = await findLastOf(database.currentReader, userId);
    if (last !== null && isOpen(last)) return last.conversation_id;
    if (last === null || !isRecent(last, nowMs))
      return database.retryingTransaction((tx) => openFirst(tx, asked, nowMs));
    try {
      await conversations.changeSession(last.conversation_id, { kind: 'reopen', ...asked });
      return last.conversation_id;
    } catch (error) {
      // Another request of theirs was faster.
      if (attempt >= TRIES || asAppError(error).code !== 'CONFLICT') throw error;
    }
  }
}

/** Two at once meet at the key of what is open, and the loser finds it. */
async function openFirst(
  tx: Tx,
  { userId, topic, restaurantId }: AskedService,
  nowMs: number,
): Promise<number> {
  const open = await findOpenOf(tx.manager, userId);
  if (open !== null) return open.conversation_id;
  const conversation = await insertConversation(tx, { type: 'service', name: topic }, nowMs);
  const { conversation_id: conversationId } = conversation;
  await addMembers(tx, [{ conversationId, userId, role: 'member', readSeq: 0 }], nowMs);
  const session = { conversation_id: conversationId, user_id: userId, restaurant_id: restaurantId, topic };
  await insertSession(tx, session, 0, nowMs);
  return conversationId;
}

/** A clock that was set back makes nothing longer ago. */
function isRecent({ ended_at: endedAt }: ServiceSession, nowMs: number): boolean {
  if (endedAt === null) throw new AppError('INTERNAL');
  return Math.abs(nowMs - endedAt.getTime()) <= LIMITS.reopenedSessionMs;
}
