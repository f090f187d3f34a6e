/** The public conversations of restaurants. */
import { In, type EntityManager } from 'typeorm';
import { ChatConversation } from '../../entities/chat/ChatConversation.ts';
import type { Tx } from '../platform/database/transaction.ts';
import { insertConversation } from './conversations.ts';

/** @returns its id */
export async function openRestaurantRoom(
  tx: Tx,
  { restaurantId, name }: { restaurantId: number; name: string },
  nowMs: number,
): Promise<number> {
  const opened = { type: 'restaurant', name, restaurant_id: restaurantId } as const;
  return (await insertConversation(tx, opened, nowMs)).conversation_id;
}

/** By the restaurant, the id of its conversation. */
export async function findRoomsOf(
  manager: EntityManager,
  restaurantIds: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  const rooms = await manager.find(ChatConversation, {
    select: { conversation_id: true, restaurant_id: true },
    where: { restaurant_id: In([...restaurantIds]) },
  });
  return new Map(rooms.map(({ conversation_id: id, restaurant_id: of }) => [of!, id]));
}
