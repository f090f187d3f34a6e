/** Sessions as they are found: the open one of a diner, the last one of a conversation, those that wait. */
import type { EntityManager } from 'typeorm';
import { countTo, MOST_COUNTED } from '../../platform/database/numberedList.ts';
import { ServiceSession } from '../../../entities/chat/ServiceSession.ts';

/** Told of after a commit by which somebody may be served who waits. */
export const SERVICE_TOPIC = 'service-queue';

/** The first one is served next. */
export function findWaiting(manager: EntityManager, limit: number): Promise<ServiceSession[]> {
  return manager.find(ServiceSession, {
    where: { status: 'waiting' },
    order: { queue_rank: 'ASC', opening_id: 'ASC' },
    take: limit,
  });
}

/** What is done to a conversation's session is done to this one. */
export function findLast(manager: EntityManager, conversationId: number): Promise<ServiceSession | null> {
  return manager.findOne(ServiceSession, {
    where: { conversation_id: conversationId },
    order: { opening_id: 'DESC' },
  });
}

export function findOpenOf(manager: EntityManager, userId: number): Promise<ServiceSession | null> {
  return manager.findOneBy(ServiceSession, { open_user_id: userId });
}

export function findLastOf(manager: EntityManager, userId: number): Promise<ServiceSession | null> {
  return manager.findOne(ServiceSession, { where: { user_id: userId }, order: { opening_id: 'DESC' } });
}

/** Those that wait for an agent, counted to `MOST_COUNTED`. */
export function countWaiting(manager: EntityManager): Promise<number> {
  return countTo(MOST_COUNTED, { manager, entity: ServiceSession, where: { status: 'waiting' } });
}
