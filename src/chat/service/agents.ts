/** Who serves diners: on line or not, and how many sessions each has. */
import { In } from 'typeorm';
import { AdminStatus, type AgentStatus } from '../../../entities/chat/AdminStatus.ts';
import { recordAction } from '../../admin/adminLog.ts';
import type { Actor } from '../../platform/caller.ts';
import { insertOne } from '../../platform/database/bulk.ts';
import type { Tx } from '../../platform/database/transaction.ts';
import { LIMITS } from '../../platform/limits.ts';
import { SERVICE_TOPIC } from './queue.ts';

/** In the order of their ids, after the fence of a conversation and before anything else of its session. */
export async function lockAgents(
  tx: Tx,
  agentIds: readonly (number | null)[],
): Promise<ReadonlyMap<number, AdminStatus>> {
  const ids = agentIds.filter((id) => id !== null);
  if (ids.length === 0) return new Map();
  const rows = await tx.lock(AdminStatus, { where: { user_id: In(ids) }, order: { user_id: 'ASC' } });
  return new Map(rows.map((row) => [row.user_id, row]));
}

/** Of a locked agent. */
export async function countSessions(tx: Tx, agent: AdminStatus, by: 1 | -1): Promise<void> {
  const open_sessions = agent.open_sessions + by;
  await tx.manager.update(AdminStatus, { user_id: agent.user_id }, { open_sessions });
}

/** Whoever takes a session is there, whether or not they want to be given others. */
export async function noteAgent(tx: Tx, userId: number, nowMs: number): Promise<void> {
  const agent = await findOrAdd(tx, userId, nowMs);
  if (agent.status === 'gone') await setStatus(tx, agent, { status: 'offline' }, nowMs);
}

export interface AgentChange {
  actor: Actor;
  isOnline: boolean;
  /** Absent: as it was. */
  limit?: number | undefined;
}

/** What holds already is said again without a row in the log. Sessions are kept: off line, nobody is given others. */
export async function changeAgent(
  tx: Tx,
  { actor, isOnline, limit }: AgentChange,
  nowMs: number,
): Promise<AdminStatus> {
  const agent = await findOrAdd(tx, actor.userId, nowMs);
  const status: AgentStatus = isOnline ? 'online' : 'offline';
  const session_limit = limit ?? agent.session_limit;
  const after = { status, session_limit };
  await setStatus(tx, agent, after, nowMs);
  if (agent.status !== status || agent.session_limit !== session_limit) {
    const target = { type: 'agent', id: actor.userId };
    const before = { status: agent.status, session_limit: agent.session_limit };
    await recordAction(tx, { actor, action: 'chat.agent', target, before, after }, nowMs);
  }
  if (isOnline) tx.topics.add(SERVICE_TOPIC);
  return { ...agent, ...after };
}

/** Two who are added at once meet at their key, and the loser starts over. */
async function findOrAdd(tx: Tx, userId: number, nowMs: number): Promise<AdminStatus> {
  const known = (await lockAgents(tx, [userId])).get(userId);
  if (known !== undefined) return known;
  const row: AdminStatus = {
    user_id: userId,
    status: 'offline',
    session_limit: LIMITS.usualSessionsPerAgent,
    open_sessions: 0,
    beats: 0,
    updated_at: new Date(nowMs),
  };
  await insertOne(tx, AdminStatus, row);
  return row;
}

async function setStatus(
  tx: Tx,
  agent: AdminStatus,
  changed: Partial<Pick<AdminStatus, 'status' | 'session_limit'>>,
  nowMs: number,
): Promise<void> {
  const heard = { beats: agent.beats + 1, updated_at: new Date(nowMs) };
  await tx.manager.update(AdminStatus, { user_id: agent.user_id }, { ...changed, ...heard });
}
