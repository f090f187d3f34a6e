import type { ChatMessage } from '../../../entities/chat/ChatMessage.ts';
import { ServiceSession } from '../../../entities/chat/ServiceSession.ts';
import type { Tx } from '../../platform/database/transaction.ts';

/** With the messages of a batch: when somebody first answered who serves. What the conversation says itself is no answer (RC-9). */
export async function noteAnswer(
  { manager }: Tx,
  { opening_id, status, agent_id, answered_at }: ServiceSession,
  sent: readonly Pick<ChatMessage, 'sender_id' | 'created_at'>[],
): Promise<void> {
  if (status !== 'assigned' || answered_at !== null) return;
  const answer = sent.find(({ sender_id: senderId }) => senderId === agent_id);
  if (answer === undefined) return;
  await manager.update(ServiceSession, { opening_id }, { answered_at: answer.created_at });
}
