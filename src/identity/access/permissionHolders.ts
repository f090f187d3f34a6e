import { In } from 'typeorm';
import { RolePermission } from '../../../entities/identity/RolePermission.ts';
import { User, type Role } from '../../../entities/identity/User.ts';
import { UserPermission } from '../../../entities/identity/UserPermission.ts';
import type { Permission } from '../../platform/caller.ts';
import type { Tx } from '../../platform/database/transaction.ts';
import { LIMITS } from '../../platform/limits.ts';
import { isGranted } from './permissions.ts';

const STAFF: readonly Role[] = ['staff', 'admin', 'super_admin'];

/** The people of the staff who have a permission and are active, those who have been there longest first; not more than a bound. */
export async function permissionHolders({ manager }: Tx, permission: Permission): Promise<number[]> {
  const [staff, ofRoles, ofUsers] = await Promise.all([
    manager.find(User, {
      select: { user_id: true, role: true },
      where: { role: In([...STAFF]), status: 'active' },
      order: { user_id: 'ASC' },
      take: LIMITS.staffLookedAt,
    }),
    manager.findBy(RolePermission, { permission }),
    manager.findBy(UserPermission, { permission }),
  ]);
  const only = (isIt: boolean) => new Map([[permission, isIt]]);
  const overrides = {
    roles: new Map(ofRoles.map(({ role, is_granted: isIt }) => [role, only(Boolean(isIt))])),
    users: new Map(ofUsers.map(({ user_id: userId, is_granted: isIt }) => [userId, only(Boolean(isIt))])),
  };
  return staff
    .filter(({ user_id: userId, role }) => isGranted({ userId, role }, permission, overrides))
    .map(({ user_id: userId }) => userId)
    .slice(0, LIMITS.toldStaff);
}
