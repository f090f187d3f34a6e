import { In, Not, type EntityManager } from 'typeorm';
import { User } from '../../../entities/identity/User.ts';

/** Who of these people works here. */
export async function findStaff(
  manager: EntityManager,
  userIds: readonly number[],
): Promise<ReadonlySet<number>> {
  const found = await manager.find(User, {
    select: { user_id: true },
    where: { user_id: In([...userIds]), role: Not('user') },
  });
  return new Set(found.map(({ user_id }) => user_id));
}
