import { In, Not, type EntityManager } from 'typeorm';
import { User, type Role } from '../../../entities/identity/User.ts';

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

/** What somebody works here as; undefined: they are not there. */
export async function findStaffRole(manager: EntityManager, userId: number): Promise<Role | undefined> {
  const found = await manager.findOne(User, {
    select: { user_id: true, role: true },
    where: { user_id: userId },
  });
  return found?.role;
}
