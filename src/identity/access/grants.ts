/** Where permissions differ from the product's own table: by role, and by user. */
import type { Role } from '../../../entities/identity/User.ts';
import { recordAction } from '../../admin/adminLog.ts';
import type { Actor } from '../../platform/caller.ts';
import { AppError } from '../../platform/errors.ts';
import { changeAccess, changeUser, isBelow, type AccessChange, type AccessServices } from './accessChange.ts';
import { readAccess } from './accessStore.ts';
import { isGranted, isGrantedByDefault, PERMISSIONS, ROLES } from './permissions.ts';
import type { Permission } from '../../platform/caller.ts';
import { findOverride, removeOverride, writeOverride, type Holder } from './roleStore.ts';
import { findListing, lockUsers } from '../people/userStore.ts';

export interface RoleView {
  role: Role;
  permissions: { permission: Permission; isGranted: boolean; isGrantedByDefault: boolean }[];
}

export interface UserPermissions {
  role: Role;
  /** `override`: what this user alone was granted or denied; null: as their role. */
  permissions: {
    permission: Permission;
    isGranted: boolean;
    isGrantedByRole: boolean;
    override: boolean | null;
  }[];
}

export interface PermissionChange {
  actor: Actor;
  permission: Permission;
  /** null: takes an earlier grant or denial back. */
  isGranted: boolean | null;
}

export async function listRoles({ database }: AccessServices): Promise<RoleView[]> {
  const tables = { ...(await readAccess(database)), users: new Map() };
  return ROLES.map((role) => ({
    role,
    permissions: PERMISSIONS.map((permission) => ({
      permission,
      isGranted: isGranted({ userId: 0, role }, permission, tables),
      isGrantedByDefault: isGrantedByDefault(role, permission),
    })),
  }));
}

/** @throws AppError NOT_FOUND */
export async function readUserPermissions(
  { database }: AccessServices,
  userId: number,
): Promise<UserPermissions> {
  const user = await findListing(database, userId);
  if (user === undefined) throw new AppError('NOT_FOUND');
  const tables = await readAccess(database);
  const byRole = { ...tables, users: new Map() };
  return {
    role: user.role,
    permissions: PERMISSIONS.map((permission) => ({
      permission,
      isGranted: isGranted(user, permission, tables),
      isGrantedByRole: isGranted(user, permission, byRole),
      override: tables.users.get(userId)?.get(permission) ?? null,
    })),
  };
}

/**
 * Grants or denies one user a permission, whatever their role says.
 * @throws AppError NOT_FOUND, FORBIDDEN, CONFLICT for a super admin, who may do everything, or a closed account
 */
export async function setUserPermission(
  services: AccessServices,
  change: PermissionChange & { userId: number },
): Promise<void> {
  await changeUser(services, change, async ({ caller, target, ...accessChange }) => {
    if (target.role === 'super_admin') throw new AppError('CONFLICT', { details: { role: target.role } });
    checkHandingOut(services, caller, change);
    await setOverride(accessChange, { userId: target.userId }, change);
  });
}

/**
 * Grants or denies a permission to everybody of a role. Super admins may do everything whatever a table says, and what
 * plain users may do is not given by permission: whoever registers would have it.
 * @throws AppError FORBIDDEN
 */
export async function setRolePermission(
  services: AccessServices,
  change: PermissionChange & { role: Role },
): Promise<void> {
  const { actor, role } = change;
  if (role === 'super_admin' || role === 'user') throw new AppError('FORBIDDEN', { details: { role } });
  await changeAccess(services, async (accessChange) => {
    const caller = (await lockUsers(accessChange.tx, [actor.userId])).get(actor.userId);
    const mayChange =
      caller?.status === 'active' && (caller.role === 'super_admin' || isBelow(role, caller.role));
    if (!mayChange) throw new AppError('FORBIDDEN');
    checkHandingOut(services, caller, change);
    await setOverride(accessChange, { role }, change);
  });
}

/** Nobody gives what they do not have, or takes it from those who do. */
function checkHandingOut(
  { access }: AccessServices,
  caller: { userId: number; role: Role },
  { permission }: PermissionChange,
): void {
  if (!access.can(caller, permission)) throw new AppError('FORBIDDEN', { details: { permission } });
}

async function setOverride(
  { tx, nowMs }: AccessChange,
  holder: Holder,
  { actor, permission, isGranted: after }: PermissionChange,
): Promise<void> {
  const override = { holder, permission };
  const before = await findOverride(tx, override);
  if (after === null) await removeOverride(tx, override);
  else await writeOverride(tx, override, after, nowMs);
  const target = 'role' in holder ? { type: 'role', id: holder.role } : { type: 'user', id: holder.userId };
  await recordAction(
    tx,
    {
      actor,
      action: `${target.type}.permission`,
      target,
      before: { permission, is_granted: before },
      after: { permission, is_granted: after },
    },
    nowMs,
  );
}
