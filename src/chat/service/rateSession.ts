import { IsNull } from 'typeorm';
import { ServiceSession } from '../../../entities/chat/ServiceSession.ts';
import type { Tx } from '../../platform/database/transaction.ts';
import { AppError } from '../../platform/errors.ts';
import { findLast } from './queue.ts';

export interface Rating {
  conversationId: number;
  userId: number;
  rating: number;
}

/** By its diner, once (RC-9). @throws AppError FORBIDDEN, CONFLICT for what nobody has served, or is rated */
export async function rateSession(
  { manager }: Tx,
  { conversationId, userId, rating }: Rating,
  nowMs: number,
): Promise<void> {
  const session = await findLast(manager, conversationId);
  if (session === null) throw new AppError('CONFLICT', { details: { reason: 'it is no service' } });
  if (session.user_id !== userId) throw new AppError('FORBIDDEN');
  const { opening_id, status } = session;
  if (status === 'waiting') throw new AppError('CONFLICT', { details: { status } });
  const which = { opening_id, rating: IsNull() };
  const { affected } = await manager.update(ServiceSession, which, { rating, rated_at: new Date(nowMs) });
  if (affected !== 1) throw new AppError('CONFLICT', { details: { reason: 'it is rated' } });
}
