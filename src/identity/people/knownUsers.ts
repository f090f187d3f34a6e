import { In } from 'typeorm';
import { User } from '../../../entities/identity/User.ts';
import type { Tx } from '../../platform/database/transaction.ts';
import { AppError } from '../../platform/errors.ts';
import { lockUsers } from './userStore.ts';

/** Whether people may be written down by their ids: also those who are blocked, or gone. @throws AppError NOT_FOUND */
export async function requireUsers(
  { manager }: Pick<Tx, 'manager'>,
  userIds: readonly number[],
): Promise<void> {
  const wanted = new Set(userIds);
  if (wanted.size === 0) return;
  const found = await manager.countBy(User, { user_id: In([...wanted]) });
  if (found < wanted.size) throw new AppError('NOT_FOUND');
}

/** Held against the closing of their accounts. @returns those that are not closed */
export async function holdUsers(tx: Tx, userIds: readonly number[]): Promise<ReadonlySet<number>> {
  const users = await lockUsers(tx, userIds);
  return new Set([...users.values()].flatMap(({ userId, status }) => (status === 'closed' ? [] : [userId])));
}
