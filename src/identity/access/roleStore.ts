/** What roles, and users of their own, are granted or denied against the product's table. */
import { RolePermission } from '../../../entities/identity/RolePermission.ts';
import type { Role } from '../../../entities/identity/User.ts';
import { UserPermission } from '../../../entities/identity/UserPermission.ts';
import { upsertAll } from '../../platform/database/bulk.ts';
import type { Tx } from '../../platform/database/transaction.ts';
import type { Permission } from '../../platform/caller.ts';

/** Who has the permission: everybody of a role, or one user. */
export type Holder = { role: Role } | { userId: number };

export interface Override {
  holder: Holder;
  permission: Permission;
}

/** @returns null where there is none. */
export async function findOverride(tx: Tx, { holder, permission }: Override): Promise<boolean | null> {
  const found =
    'role' in holder
      ? await tx.manager.findOneBy(RolePermission, { role: holder.role, permission })
      : await tx.manager.findOneBy(UserPermission, { user_id: holder.userId, permission });
  return found?.is_granted ?? null;
}

export async function writeOverride(
  tx: Tx,
  { holder, permission }: Override,
  isGranted: boolean,
  nowMs: number,
): Promise<void> {
  const row = { permission, is_granted: isGranted, updated_at: new Date(nowMs) };
  if ('role' in holder) await upsertAll(tx, RolePermission, [{ role: holder.role, ...row }]);
  else await upsertAll(tx, UserPermission, [{ user_id: holder.userId, ...row }]);
}

export async function removeOverride(tx: Tx, { holder, permission }: Override): Promise<void> {
  if ('role' in holder) await tx.manager.delete(RolePermission, { role: holder.role, permission });
  else await tx.manager.delete(UserPermission, { user_id: holder.userId, permission });
}

/** What the user was granted; what they are denied stays. @returns how many there were. */
export async function removeGrantsOfUser(tx: Tx, userId: number): Promise<number> {
  const { affected } = await tx.manager.delete(UserPermission, { user_id: userId, is_granted: true });
  return affected ?? 0;
}
