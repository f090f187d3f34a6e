import type { Role } from '../../../entities/identity/User.ts';
import type { Actor } from '../../platform/caller.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database, Tx } from '../../platform/database/transaction.ts';
import { AppError } from '../../platform/errors.ts';
import type { AccessControl } from './accessControl.ts';
import { lockAccess, recordAccessChanges } from './accessFeed.ts';
import type { UserRecord } from '../login/store.ts';
import { lockUsers } from '../people/userStore.ts';

export interface AccessServices {
  database: Database;
  clock: Clock;
  access: Pick<AccessControl, 'can' | 'changed'>;
}

export interface AccessChange {
  tx: Tx;
  nowMs: number;
}

/**
 * Runs one change of who may do what, and resolves when this node goes by it.
 *
 * The list of changes is locked first, until the commit: changes of access are made one after the other in the whole
 * cluster. Two super admins who take the role from one another, or two removals from the allow list, each
 * see what the other has left.
 */
export async function changeAccess<T>(
  { database, clock, access }: AccessServices,
  work: (change: AccessChange) => Promise<T>,
): Promise<T> {
  const nowMs = clock.nowMs();
  const result = await database.retryingTransaction(async (tx) => {
    await lockAccess(tx);
    await recordAccessChanges(tx, [{ kind: 'tables', subjectId: null }], nowMs);
    return work({ tx, nowMs });
  });
  await access.changed();
  return result;
}

export interface UserChange extends AccessChange {
  caller: UserRecord;
  target: UserRecord;
}

/**
 * As `changeAccess`, about a user whom the caller may manage. The caller's own role is read again under the lock, since it
 * may have been taken while the request was on its way.
 * @throws AppError NOT_FOUND, FORBIDDEN, CONFLICT for a closed account
 */
export async function changeUser<T>(
  services: AccessServices,
  { actor, userId }: { actor: Actor; userId: number },
  work: (change: UserChange) => Promise<T>,
): Promise<T> {
  return changeAccess(services, async ({ tx, nowMs }) => {
    const users = await lockUsers(tx, [actor.userId, userId]);
    const caller = users.get(actor.userId);
    const target = users.get(userId);
    if (target === undefined) throw new AppError('NOT_FOUND');
    if (caller === undefined || !mayManage(caller, target)) throw new AppError('FORBIDDEN');
    if (target.status === 'closed') throw new AppError('CONFLICT', { details: { status: target.status } });
    return work({ tx, nowMs, caller, target });
  });
}

const RANKS: Record<Role, number> = { user: 0, staff: 1, admin: 2, super_admin: 3 };

export function isBelow(role: Role, other: Role): boolean {
  return RANKS[role] < RANKS[other];
}

/** Never oneself; a super admin everybody else, others only those of a lower role than their own. */
function mayManage(caller: UserRecord, target: UserRecord): boolean {
  if (caller.userId === target.userId || caller.status !== 'active') return false;
  return caller.role === 'super_admin' || isBelow(target.role, caller.role);
}
