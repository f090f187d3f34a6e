import { ChatMember } from '../../../entities/chat/ChatMember.ts';
import { ServiceSession } from '../../../entities/chat/ServiceSession.ts';
import type { Tx } from '../../platform/database/transaction.ts';
import { countSessions, lockAgents } from './agents.ts';
import { findOpenOf, SERVICE_TOPIC } from './queue.ts';

/**
 * Ends what a diner has open who closes their account: nobody is left to be served. The conversation is held, as by its owner, so
 * that the session stays as it is found.
 */
export async function abandonSession(tx: Tx, userId: number, nowMs: number): Promise<void> {
  const session = await findOpenOf(tx.manager, userId);
  if (session === null) return;
  const { opening_id, conversation_id, status, agent_id: agentId } = session;
  const agent = (await lockAgents(tx, [status === 'assigned' ? agentId : null])).get(agentId ?? 0);
  if (agent !== undefined) {
    await countSessions(tx, agent, -1);
    await tx.manager.delete(ChatMember, { conversation_id, user_id: agent.user_id });
  }
  const ended = { status: 'closed', open_user_id: null, ended_at: new Date(nowMs) } as const;
  await tx.manager.update(ServiceSession, { opening_id }, ended);
  tx.topics.add(SERVICE_TOPIC);
}
