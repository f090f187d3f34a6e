/** SQL of what roles, and users of their own, are granted or denied against the product's table. */
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
  const { table, key, value } = placeOf(holder);
  const [row] = await tx.query<{ is_granted: number | boolean }>(
    `SELECT is_granted FROM ${table} WHERE ${key} = ? AND permission = ?`,
    [value, permission],
  );
  return row === undefined ? null : Boolean(row.is_granted);
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
  const { table, key, value } = placeOf(holder);
  await tx.execute(`DELETE FROM ${table} WHERE ${key} = ? AND permission = ?`, [value, permission]);
}

/** What the user was granted; what they are denied stays. @returns how many there were. */
export async function removeGrantsOfUser(tx: Tx, userId: number): Promise<number> {
  return tx.execute('DELETE FROM user_permissions WHERE user_id = ? AND is_granted = 1', [userId]);
}

function placeOf(holder: Holder): { table: string; key: string; value: string | number } {
  return 'role' in holder
    ? { table: 'role_permissions', key: 'role', value: holder.role }
    : { table: 'user_permissions', key: 'user_id', value: holder.userId };
}
