/** People as everybody sees them where they meet. */
import { In, type EntityManager } from 'typeorm';
import { User } from '../../../entities/identity/User.ts';

export interface PublicPerson {
  user_id: number;
  nickname: string;
  avatar_url: string | null;
  /** They work here. */
  is_staff: boolean;
}

/** By id; who is not there is left out. */
export async function readPublicPeople(
  manager: EntityManager,
  userIds: readonly number[],
): Promise<ReadonlyMap<number, PublicPerson>> {
  if (userIds.length === 0) return new Map();
  const rows = await manager.find(User, {
    select: { user_id: true, nickname: true, avatar_url: true, role: true },
    where: { user_id: In([...new Set(userIds)]) },
  });
  return new Map(
    rows.map(({ user_id, nickname, avatar_url, role }) => [
      user_id,
      { user_id, nickname, avatar_url, is_staff: role !== 'user' },
    ]),
  );
}

/** Stands for somebody who has left. */
export function nobody(userId: number): PublicPerson {
  return { user_id: userId, nickname: '', avatar_url: null, is_staff: false };
}
