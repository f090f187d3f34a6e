/**
 * Whom reports are about, and what is learned is learned from: diners. Who works here counts nowhere, nor does who only tries the
 * product out (RS-3). Every report leaves them out by this, and by nothing else.
 */
import { In, type EntityManager } from 'typeorm';
import { User } from '../../../entities/identity/User.ts';

/** As a condition on a column of user ids: `${column} NOT IN ${UNCOUNTED}`. They are few, and found by their indices. */
export const UNCOUNTED =
  "(SELECT user_id FROM users WHERE role <> 'user' UNION SELECT user_id FROM users WHERE is_test = 1)";

/** Who of these people is left out: mostly nobody, so that little is read. */
export async function findUncounted(
  manager: EntityManager,
  userIds: readonly number[],
): Promise<ReadonlySet<number>> {
  const found = await manager
    .createQueryBuilder()
    .select('u.user_id', 'user_id')
    .from(User, 'u')
    .where({ user_id: In([...userIds]) })
    .andWhere("(u.role <> 'user' OR u.is_test = 1)")
    .getRawMany<{ user_id: number }>();
  return new Set(found.map(({ user_id: userId }) => userId));
}
