import ipaddr from 'ipaddr.js';
import type { Role } from '../../entities/User.ts';
import { fromSqlTime, sqlTime } from '../database/sqlValues.ts';
import type { Database, Tx } from '../database/transaction.ts';
import type { Network } from './accessControl.ts';
import type { PermissionOverrides } from './permissions.ts';

export interface AccessTables extends PermissionOverrides {
  /** Everybody whose role is not plain user. */
  staff: ReadonlyMap<number, Role>;
  /** Networks that the administration may be used from. */
  networks: readonly Network[];
}

/** Counts a change of roles, permissions or allowed networks, in the transaction of the change. */
export async function countAccessChange(tx: Tx): Promise<void> {
  await tx.execute('UPDATE access_version SET version = version + 1 WHERE id = 1');
}

export async function readAccessVersion(database: Database): Promise<number> {
  const [row] = await database.readCurrent<{ version: number }>(
    'SELECT version FROM access_version WHERE id = 1',
  );
  return Number(row?.version ?? 0);
}

export async function readAccess(database: Database): Promise<AccessTables> {
  const [staff, roles, users, networks] = await Promise.all([
    database.readCurrent<{ user_id: number; role: Role }>(
      "SELECT user_id, role FROM users WHERE role <> 'user'",
    ),
    database.readCurrent<OverrideRow & { role: Role }>(
      'SELECT role, permission, is_granted FROM role_permissions',
    ),
    database.readCurrent<OverrideRow & { user_id: number }>(
      'SELECT user_id, permission, is_granted FROM user_permissions',
    ),
    database.readCurrent<{ cidr: string }>('SELECT cidr FROM ip_allow_list'),
  ]);
  return {
    staff: new Map(staff.map(({ user_id: userId, role }) => [userId, role])),
    roles: overridesBy(roles, ({ role }) => role),
    users: overridesBy(users, ({ user_id: userId }) => userId),
    networks: networks.map(({ cidr }) => ipaddr.parseCIDR(cidr)),
  };
}

export async function readRevoked(
  database: Database,
  sinceMs: number,
): Promise<{ sessionId: number; revokedMs: number }[]> {
  const rows = await database.readCurrent<{ session_id: number; revoked_at: Date | string }>(
    'SELECT session_id, revoked_at FROM customer_sessions WHERE revoked_at >= ?',
    [sqlTime(sinceMs)],
  );
  return rows.map((row) => ({ sessionId: row.session_id, revokedMs: fromSqlTime(row.revoked_at) }));
}

interface OverrideRow {
  permission: string;
  is_granted: number | boolean;
}

function overridesBy<Row extends OverrideRow, Key>(
  rows: readonly Row[],
  keyOf: (row: Row) => Key,
): Map<Key, Map<string, boolean>> {
  const overrides = new Map<Key, Map<string, boolean>>();
  for (const row of rows) {
    const key = keyOf(row);
    const permissions = overrides.get(key) ?? new Map<string, boolean>();
    overrides.set(key, permissions.set(row.permission, Boolean(row.is_granted)));
  }
  return overrides;
}
