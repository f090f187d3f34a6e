import ipaddr from 'ipaddr.js';
import type { Role } from '../../../entities/identity/User.ts';
import { sqlTime } from '../../platform/database/sqlValues.ts';
import type { Database } from '../../platform/database/transaction.ts';
import { findKnownKeys, type KnownKey } from '../apiKeys/keyStore.ts';
import type { PermissionOverrides } from './permissions.ts';

export type Network = [address: ipaddr.IPv4 | ipaddr.IPv6, bits: number];

export interface AccessTables extends PermissionOverrides {
  /** Everybody whose role is not plain user. */
  staff: ReadonlyMap<number, Role>;
  /** Networks that the administration may be used from. */
  networks: readonly Network[];
  /** Keys that are not revoked, by the public part of each text that is taken. */
  apiKeys: ReadonlyMap<string, KnownKey>;
}

const ASKED_AT_ONCE = 1000;

export async function readAccess(database: Database): Promise<AccessTables> {
  const [staff, roles, users, networks, keys] = await Promise.all([
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
    findKnownKeys(database),
  ]);
  return {
    staff: new Map(staff.map(({ user_id: userId, role }) => [userId, role])),
    roles: overridesBy(roles, ({ role }) => role),
    users: overridesBy(users, ({ user_id: userId }) => userId),
    networks: networks.map(({ cidr }) => ipaddr.parseCIDR(cidr)),
    apiKeys: new Map(keys.map((known) => [known.prefix, known])),
    machines: new Map(keys.map(({ callerId, permissions }) => [callerId, permissions])),
  };
}

/** Logins that were revoked since a time, by whichever clock wrote it. */
export async function readRevoked(database: Database, sinceMs: number): Promise<number[]> {
  const rows = await database.readCurrent<{ session_id: number | string }>(
    'SELECT session_id FROM customer_sessions WHERE revoked_at >= ?',
    [sqlTime(sinceMs)],
  );
  return rows.map((row) => Number(row.session_id));
}

/** Of these logins, those that are revoked, however long ago. */
export async function findRevoked(database: Database, sessionIds: readonly number[]): Promise<number[]> {
  const found: number[] = [];
  for (let from = 0; from < sessionIds.length; from += ASKED_AT_ONCE) {
    const rows = await database.readCurrent<{ session_id: number | string }>(
      'SELECT session_id FROM customer_sessions WHERE session_id IN (?) AND revoked_at IS NOT NULL',
      [sessionIds.slice(from, from + ASKED_AT_ONCE)],
    );
    found.push(...rows.map((row) => Number(row.session_id)));
  }
  return found;
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
