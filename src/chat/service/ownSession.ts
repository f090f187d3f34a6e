/** The service session of a conversation, as its diner sees it. */
import { LessThan, type EntityManager } from 'typeorm';
import type { z } from 'zod';
import { ServiceSession } from '../../../entities/chat/ServiceSession.ts';
import { nobody, readPublicPeople } from '../../identity/people/publicPeople.ts';
import { AppError } from '../../platform/errors.ts';
import type { ownSessionShape } from './messages.ts';
import { findLast } from './queue.ts';

/** The last one. @throws AppError CONFLICT for what is no service */
export async function readOwnSession(
  manager: EntityManager,
  conversationId: number,
): Promise<z.output<typeof ownSessionShape>> {
  const session = await findLast(manager, conversationId);
  if (session === null) throw new AppError('CONFLICT', { details: { reason: 'it is no service' } });
  const { status, topic, agent_id: agentId, rating, created_at } = session;
  const isOver = status === 'resolved' || status === 'closed';
  return {
    conversation_id: conversationId,
    status,
    topic,
    position: status === 'waiting' ? await placeOf(manager, session) : null,
    agent: agentId === null ? null : await readAgent(manager, agentId),
    created_at: created_at.toISOString(),
    rating,
    may_rate: isOver && agentId !== null && rating === null,
  };
}

/** 1: they are next. */
async function placeOf(manager: EntityManager, { queue_rank, opening_id }: ServiceSession): Promise<number> {
  const waiting = { status: 'waiting' } as const;
  const before = await manager.count(ServiceSession, {
    where: [
      { ...waiting, queue_rank: LessThan(queue_rank) },
      { ...waiting, queue_rank, opening_id: LessThan(opening_id) },
    ],
  });
  return before + 1;
}

async function readAgent(manager: EntityManager, agentId: number) {
  return (await readPublicPeople(manager, [agentId])).get(agentId) ?? nobody(agentId);
}
