import type { ChatMessage } from '../../../entities/chat/ChatMessage.ts';
import { ServiceSession } from '../../../entities/chat/ServiceSession.ts';
import type { Tx } from '../../platform/database/transaction.ts';
import { emitEvents } from '../../platform/events/outbox.ts';

/** With the messages of a batch: when somebody first answered who serves. What the conversation says itself is no answer (RC-9). */
export async function noteAnswer(
  tx: Tx,
  { opening_id, conversation_id, user_id, restaurant_id, status, agent_id, answered_at }: ServiceSession,
  sent: readonly Pick<ChatMessage, 'sender_id' | 'created_at'>[],
  nowMs: number,
): Promise<void> {
  if (status !== 'assigned' || answered_at !== null) return;
  const answer = sent.find(({ sender_id: senderId }) => senderId === agent_id);
  if (answer === undefined) return;
  await tx.manager.update(ServiceSession, { opening_id }, { answered_at: answer.created_at });
  const data = { user_id, conversation_id, opening_id, restaurant_id };
  await emitEvents(tx, [{ type: 'service:answered', userId: user_id, data }], nowMs);
}
