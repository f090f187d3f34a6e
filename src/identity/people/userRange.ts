/** Users by their ids, a range at a time, for whoever goes through all of them. */
import { Between, MoreThan } from 'typeorm';
import { User } from '../../../entities/identity/User.ts';
import type { Tx } from '../../platform/database/transaction.ts';

/** Ids from the first to the last, both among them. */
export interface UserRange {
  from: number;
  to: number;
}

/** 0: there is nobody. */
export async function lastUserId({ manager }: Pick<Tx, 'manager'>): Promise<number> {
  return (await manager.maximum(User, 'user_id')) ?? 0;
}

/** Those who are active, in the order of their ids. */
export async function activeWithin({ manager }: Pick<Tx, 'manager'>, range: UserRange): Promise<number[]> {
  const users = await manager.find(User, {
    select: { user_id: true },
    where: { user_id: Between(range.from, range.to), status: 'active' },
    order: { user_id: 'ASC' },
  });
  return users.map(({ user_id: userId }) => userId);
}

/** Whoever there is, in the order of their ids: the first so many after one. */
export async function usersAfter(
  { manager }: Pick<Tx, 'manager'>,
  after: number,
  most: number,
): Promise<number[]> {
  const users = await manager.find(User, {
    select: { user_id: true },
    where: { user_id: MoreThan(after) },
    order: { user_id: 'ASC' },
    take: most,
  });
  return users.map(({ user_id: userId }) => userId);
}

export async function usersWithin({ manager }: Pick<Tx, 'manager'>, range: UserRange): Promise<number[]> {
  const users = await manager.find(User, {
    select: { user_id: true },
    where: { user_id: Between(range.from, range.to) },
  });
  return users.map(({ user_id: userId }) => userId);
}
