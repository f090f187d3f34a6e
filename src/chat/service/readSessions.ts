/** Sessions and agents, as those who serve see them. */
import { LessThan, type EntityManager, type FindOptionsWhere } from 'typeorm';
import { AdminStatus } from '../../../entities/chat/AdminStatus.ts';
import { ServiceSession } from '../../../entities/chat/ServiceSession.ts';
import { nobody, readPublicPeople, type PublicPerson } from '../../identity/people/publicPeople.ts';
import { AppError } from '../../platform/errors.ts';
import { LIMITS } from '../../platform/limits.ts';
import { nextOf } from '../../platform/shapes.ts';
import type { SessionsQuery, SessionView } from './messages.ts';
import { findLast } from './queue.ts';
import { ServiceTimes, type ServiceConfig } from './serviceTimes.ts';

/** How times are counted, and up to when. */
export interface Reader {
  config: ServiceConfig;
  nowMs: number;
}

export interface SessionsPage {
  items: SessionView[];
  next: string | null;
}

/** Those that wait in the order of the queue, all others the newest first. */
export async function listSessions(
  manager: EntityManager,
  { status, mine, before, limit }: SessionsQuery,
  { userId, config, nowMs }: Reader & { userId: number },
): Promise<SessionsPage> {
  const where: FindOptionsWhere<ServiceSession> = {
    status,
    ...(mine === 'true' && { agent_id: userId }),
    ...(before !== undefined && { opening_id: LessThan(before) }),
  };
  const isQueue = status === 'waiting';
  const rows = await manager.find(ServiceSession, {
    where,
    order: isQueue ? { queue_rank: 'ASC', opening_id: 'ASC' } : { opening_id: 'DESC' },
    take: limit,
  });
  const items = await toViews(manager, rows, { config, nowMs });
  return { items, next: isQueue ? null : nextOf(rows, limit, (row) => row.opening_id) };
}

/** @throws AppError NOT_FOUND */
export async function readSession(
  manager: EntityManager,
  conversationId: number,
  reader: Reader,
): Promise<SessionView> {
  const session = await findLast(manager, conversationId);
  if (session === null) throw new AppError('NOT_FOUND');
  return (await toViews(manager, [session], reader))[0]!;
}

export async function listAgents(manager: EntityManager) {
  const agents = await manager.find(AdminStatus, {
    order: { user_id: 'ASC' },
    take: LIMITS.listedAgents,
  });
  return toAgentViews(manager, agents);
}

export async function toAgentViews(manager: EntityManager, agents: readonly AdminStatus[]) {
  const people = await readPublicPeople(
    manager,
    agents.map(({ user_id: id }) => id),
  );
  return agents.map(({ user_id, status, session_limit: limit, open_sessions }) => {
    const { nickname } = personOf(people, user_id);
    return { user_id, nickname, status, limit, open_sessions };
  });
}

async function toViews(
  manager: EntityManager,
  rows: readonly ServiceSession[],
  { config, nowMs }: Reader,
): Promise<SessionView[]> {
  const times = await ServiceTimes.read(manager, config, rows, nowMs);
  const people = await readPublicPeople(
    manager,
    rows.flatMap(({ user_id, agent_id }) => [user_id, ...(agent_id === null ? [] : [agent_id])]),
  );
  return rows.map((row) => ({
    session_id: row.conversation_id,
    conversation_id: row.conversation_id,
    status: row.status,
    topic: row.topic,
    restaurant_id: row.restaurant_id,
    user: personOf(people, row.user_id),
    agent: row.agent_id === null ? null : personOf(people, row.agent_id),
    created_at: row.created_at.toISOString(),
    waiting_seconds: waitedSeconds(row, nowMs),
    assigned_at: timeOf(row.assigned_at),
    answered_at: timeOf(row.answered_at),
    ended_at: timeOf(row.ended_at),
    answer: times.answerOf(row),
    resolution: times.resolutionOf(row),
    rating: row.rating,
  }));
}

/** Since it began to wait the last time, or until somebody first had it. */
function waitedSeconds(
  { status, queued_at, created_at, assigned_at, ended_at }: ServiceSession,
  nowMs: number,
) {
  const waitedMs =
    status === 'waiting'
      ? nowMs - queued_at.getTime()
      : (assigned_at ?? ended_at ?? created_at).getTime() - created_at.getTime();
  return Math.max(0, Math.floor(waitedMs / 1000));
}

function personOf(people: ReadonlyMap<number, PublicPerson>, userId: number): PublicPerson {
  return people.get(userId) ?? nobody(userId);
}

function timeOf(date: Date | null): string | null {
  return date?.toISOString() ?? null;
}
