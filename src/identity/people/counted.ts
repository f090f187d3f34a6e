/**
 * Whom reports are about, and what is learned is learned from: diners. Who works here counts nowhere, nor does who only tries the
 * product out (RS-3). Every report leaves them out by this, and by nothing else.
 */
import { In, type EntityManager } from 'typeorm';
import { User } from '../../../entities/identity/User.ts';

/** As a condition on a column of user ids: `${column} NOT IN ${UNCOUNTED}`. They are few, and found by their indices. */
export const UNCOUNTED =
  "(SELECT user_id FROM users WHERE role <> 'user' UNION SELECT user_id FROM users WHERE is_test = 1)";

/** Who of these people is left out. */
export async function findUncounted(
  manager: EntityManager,
  userIds: readonly number[],
): Promise<ReadonlySet<number>> {
  const found = await manager.find(User, {
    select: { user_id: true, role: true, is_test: true },
    where: { user_id: In([...userIds]) },
  });
  return new Set(
    found.filter(({ role, is_test }) => role !== 'user' || is_test).map(({ user_id }) => user_id),
  );
}
