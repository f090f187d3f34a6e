/*
 * One change of a service session, under the fence of its conversation, with the line that tells of it there.
 *
 * States: waiting → assigned → resolved or closed; assigned → waiting when its agent is gone or gives it back, then at the front
 * of the queue; waiting → closed. Over, it stays as it is: opened again, its conversation has another one.
 *
 * Locks are taken in one order: the fence, the conversation, agents by their ids, the session. Each step names the state that it leaves in its WHERE,
 * so that one of many who ask for it gets it (RC-6). An agent's count of sessions changes with them under the agent's lock.
 */
import { ChatMember } from '../../../entities/chat/ChatMember.ts';
import type { ChatConversation } from '../../../entities/chat/ChatConversation.ts';
import { ServiceSession } from '../../../entities/chat/ServiceSession.ts';
import { recordAction } from '../../admin/adminLog.ts';
import type { Actor } from '../../platform/caller.ts';
import { insertOne } from '../../platform/database/bulk.ts';
import type { Tx } from '../../platform/database/transaction.ts';
import { AppError } from '../../platform/errors.ts';
import type { Changed } from '../changed.ts';
import { addMembers, lockConversation } from '../membership.ts';
import { sayOfItself } from '../systemLine.ts';
import { countSessions, lockAgents, noteAgent } from './agents.ts';
import { findLast, SERVICE_TOPIC } from './queue.ts';
import type { ChangeOf, SessionChange } from './sessionChange.ts';

interface Step {
  tx: Tx;
  conversation: ChatConversation;
  session: ServiceSession;
  nowMs: number;
}

/** @throws AppError NOT_FOUND, FORBIDDEN, CONFLICT for what it is not in the state for, or an agent who has enough */
export async function changeSession(
  tx: Tx,
  { conversationId, change }: { conversationId: number; change: SessionChange },
  nowMs: number,
): Promise<Changed> {
  const conversation = await lockConversation(tx, conversationId);
  const session = await findLast(tx.manager, conversationId);
  if (session === null) throw new AppError('NOT_FOUND');
  const step = { tx, conversation, session, nowMs };
  switch (change.kind) {
    case 'reopen':
      return reopen(step, change);
    case 'assign':
      return give(step, { agentId: change.agentId, isAsked: false });
    case 'take':
      return take(step, change.actor);
    case 'transfer':
      return transfer(step, change);
    case 'end':
      return end(step, change);
    case 'return':
      if (session.status !== 'assigned' || session.agent_id !== change.agentId) throw conflict(session);
      return leaveToQueue(step, 'gone');
  }
}

async function reopen(step: Step, { userId, topic, restaurantId }: ChangeOf<'reopen'>) {
  const { tx, session, conversation, nowMs } = step;
  if (isOpen(session) || session.user_id !== userId) throw conflict(session);
  const opened = { conversation_id: conversation.conversation_id, user_id: userId, topic };
  await insertSession(tx, { ...opened, restaurant_id: restaurantId }, conversation.last_seq, nowMs);
  return tell(step, { what: 'reopened', user_id: userId }, []);
}

/** @returns its opening_id */
export function insertSession(
  tx: Tx,
  given: Pick<ServiceSession, 'conversation_id' | 'user_id' | 'restaurant_id' | 'topic'>,
  startSeq: number,
  nowMs: number,
): Promise<number> {
  tx.topics.add(SERVICE_TOPIC);
  const now = new Date(nowMs);
  return insertOne(tx, ServiceSession, {
    ...given,
    open_user_id: given.user_id,
    status: 'waiting',
    queue_rank: 1,
    agent_id: null,
    not_agent_id: null,
    start_seq: startSeq,
    created_at: now,
    queued_at: now,
    assigned_at: null,
    answered_at: null,
    ended_at: null,
    rating: null,
    rated_at: null,
  });
}

async function take(step: Step, actor: Actor): Promise<Changed> {
  await noteAgent(step.tx, actor.userId, step.nowMs);
  const told = await give(step, { agentId: actor.userId, isAsked: true });
  const after = { status: 'assigned', agent_id: actor.userId };
  await record(step, actor, { action: 'chat.session.take', after });
  return told;
}

interface Given {
  agentId: number;
  /** They have asked for it, and need not be on line. */
  isAsked: boolean;
}

async function give(step: Step, { agentId, isAsked }: Given): Promise<Changed> {
  const { tx, session } = step;
  if (session.status !== 'waiting') throw conflict(session);
  const agent = (await lockAgents(tx, [agentId])).get(agentId);
  if (agent === undefined || session.user_id === agentId) throw conflict(session);
  if (!isAsked && (agent.status !== 'online' || session.not_agent_id === agentId)) throw conflict(session);
  if (agent.open_sessions >= agent.session_limit) throw full(agent.session_limit);
  await countSessions(tx, agent, 1);
  await seat(step, agentId);
  return tell(step, { what: 'joined', agent_id: agentId }, []);
}

/** Whoever gives it away is out at once (RC-8). */
async function transfer(
  step: Step,
  { actor, isSupervisor, toAgentId }: ChangeOf<'transfer'>,
): Promise<Changed> {
  const { tx, session } = step;
  const fromId = requireOwn(session, { actor, isSupervisor });
  const action = 'chat.session.transfer';
  if (toAgentId === null) {
    const told = await leaveToQueue(step, 'transferred');
    await record(step, actor, { action, after: { status: 'waiting', agent_id: null } });
    return told;
  }
  const agents = await lockAgents(tx, [fromId, toAgentId]);
  const to = agents.get(toAgentId);
  if (to?.status !== 'online' || toAgentId === fromId || toAgentId === session.user_id)
    throw new AppError('CONFLICT', { details: { reason: 'nobody else of that id is on line' } });
  if (to.open_sessions >= to.session_limit) throw full(to.session_limit);
  await countSessions(tx, agents.get(fromId)!, -1);
  await countSessions(tx, to, 1);
  await unseat(step, fromId);
  await seat(step, toAgentId);
  await record(step, actor, { action, after: { status: 'assigned', agent_id: toAgentId } });
  tx.topics.add(SERVICE_TOPIC);
  return tell(step, { what: 'transferred', from_agent_id: fromId, agent_id: toAgentId }, [fromId]);
}

async function end(step: Step, { actor, isSupervisor, as }: ChangeOf<'end'>): Promise<Changed> {
  const { session } = step;
  // Of one that waits nobody is the agent: whoever serves may say that there is nothing to do.
  if (session.status !== 'waiting' || as === 'resolved') requireOwn(session, { actor, isSupervisor });
  const told = await finish(step, as);
  const action = as === 'resolved' ? 'chat.session.resolve' : 'chat.session.close';
  await record(step, actor, { action, after: { status: as, agent_id: session.agent_id } });
  return told;
}

/** The agent is free for another one, and has nothing to do with the conversation any more. */
async function finish(step: Step, as: 'resolved' | 'closed'): Promise<Changed> {
  const { tx, session, nowMs } = step;
  if (!isOpen(session)) throw conflict(session);
  const agentId = session.status === 'assigned' ? session.agent_id : null;
  await release(step, agentId);
  await update(step, { status: as, open_user_id: null, ended_at: new Date(nowMs) });
  tx.topics.add(SERVICE_TOPIC);
  return tell(step, { what: as, agent_id: agentId }, agentId === null ? [] : [agentId]);
}

/** At the front: it has waited once. */
async function leaveToQueue(step: Step, why: 'gone' | 'transferred'): Promise<Changed> {
  const { tx, session, nowMs } = step;
  const { agent_id: agentId } = session;
  await release(step, agentId);
  const notAgentId = why === 'transferred' ? agentId : null;
  const queued = { queue_rank: 0, queued_at: new Date(nowMs), agent_id: null, not_agent_id: notAgentId };
  await update(step, { status: 'waiting', ...queued });
  tx.topics.add(SERVICE_TOPIC);
  return tell(step, { what: 'queued', why, from_agent_id: agentId }, [agentId!]);
}

async function release(step: Step, agentId: number | null): Promise<void> {
  if (agentId === null) return;
  const agent = (await lockAgents(step.tx, [agentId])).get(agentId);
  if (agent !== undefined) await countSessions(step.tx, agent, -1);
  await unseat(step, agentId);
}

/** What the diner has said since they asked is new to them. */
async function seat(step: Step, agentId: number): Promise<void> {
  const { tx, session, conversation, nowMs } = step;
  const { conversation_id: conversationId } = conversation;
  const member = { conversationId, userId: agentId, role: 'member', readSeq: session.start_seq } as const;
  await addMembers(tx, [member], nowMs);
  const assigned_at = session.assigned_at ?? new Date(nowMs);
  await update(step, { status: 'assigned', agent_id: agentId, assigned_at });
}

async function unseat({ tx, conversation }: Step, agentId: number): Promise<void> {
  const { conversation_id } = conversation;
  await tx.manager.delete(ChatMember, { conversation_id, user_id: agentId });
}

/** From the state in which it was found, and from no other. */
async function update({ tx, session }: Step, changed: Partial<ServiceSession>): Promise<void> {
  const { opening_id, status } = session;
  const { affected } = await tx.manager.update(ServiceSession, { opening_id, status }, changed);
  if (affected !== 1) throw conflict(session);
}

async function tell(
  { tx, conversation, nowMs }: Step,
  told: Record<string, unknown>,
  left: number[],
): Promise<Changed> {
  return { left, told: await sayOfItself(tx, conversation, { event: 'service', ...told }, nowMs) };
}

async function record(
  { tx, session, nowMs }: Step,
  actor: Actor,
  { action, after }: { action: string; after: Pick<ServiceSession, 'agent_id'> & { status: string } },
): Promise<void> {
  const target = { type: 'service_session', id: session.conversation_id };
  const before = { status: session.status, agent_id: session.agent_id };
  await recordAction(tx, { actor, action, target, before, after }, nowMs);
}

/** @returns whose it is */
function requireOwn(
  session: ServiceSession,
  { actor, isSupervisor }: { actor: Actor; isSupervisor: boolean },
): number {
  const { status, agent_id: agentId } = session;
  if (status !== 'assigned' || agentId === null) throw conflict(session);
  if (agentId !== actor.userId && !isSupervisor) throw new AppError('FORBIDDEN');
  return agentId;
}

export function isOpen({ status }: Pick<ServiceSession, 'status'>): boolean {
  return status === 'waiting' || status === 'assigned';
}

function conflict({ status, agent_id }: ServiceSession): AppError {
  return new AppError('CONFLICT', { details: { status, agent_id } });
}

function full(limit: number): AppError {
  return new AppError('CONFLICT', { details: { reason: 'they have as many sessions as they may', limit } });
}
