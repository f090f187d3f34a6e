/** Who has which role. */
import type { Role } from '../../../entities/identity/User.ts';
import { recordAction } from '../../admin/adminLog.ts';
import { noteChange } from '../../analytics/profiles.ts';
import type { Actor } from '../../platform/caller.ts';
import { AppError } from '../../platform/errors.ts';
import { tellPeople } from '../../platform/sync.ts';
import { changeUser, isBelow, type AccessServices } from './accessChange.ts';
import { removeGrantsOfUser } from './roleStore.ts';
import { keepSuperAdmin } from '../people/users.ts';
import { updateRole } from '../people/userStore.ts';

export interface RoleChange {
  actor: Actor;
  userId: number;
  role: Role;
  reason: string;
}

/**
 * Gives a user another role. What the user alone was granted goes with a higher role: it was given to an admin, not to the
 * diner that the admin becomes.
 * @throws AppError NOT_FOUND, FORBIDDEN, CONFLICT for the last super admin or a closed account
 */
export async function setUserRole(services: AccessServices, change: RoleChange): Promise<void> {
  const { actor, userId, role, reason } = change;
  await changeUser(services, change, async ({ tx, nowMs, caller, target }) => {
    if (caller.role !== 'super_admin' && !isBelow(role, caller.role)) throw new AppError('FORBIDDEN');
    if (role !== 'super_admin') await keepSuperAdmin({ tx, target });
    await updateRole(tx, userId, role, nowMs);
    await noteChange(tx, userId, nowMs);
    tellPeople(tx, [userId], { entity: 'user', change: { role } });
    const removed = isBelow(role, target.role) ? await removeGrantsOfUser(tx, userId) : 0;
    await recordAction(
      tx,
      {
        actor,
        action: 'user.role',
        target: { type: 'user', id: userId },
        before: { role: target.role },
        after: { role, reason, removed_grants: removed },
      },
      nowMs,
    );
  });
}
