import { apiKeyIdOf, type Caller, type Permission } from '../../platform/caller.ts';
import type { Role } from '../../../entities/identity/User.ts';

/** The role is what the database says now, not what it was when the token was made. */
export interface Identity extends Caller {
  role: Role;
}

/** Everything that not everybody logged in may do, and which roles may do it unless an override says otherwise. */
const DEFAULTS = {
  'points:grant': ['staff', 'admin'],
  'points:adjust': ['admin'],
  'points:freeze': ['admin'],
  'points:rollback': ['admin'],
  'points:review': ['admin'],
  'points:pay': ['staff', 'admin'],
  'rules:read': ['admin'],
  'rules:write': ['admin'],
  'rules:publish': ['admin'],
  'campaigns:operate': ['admin'],
  'campaigns:edit': ['admin'],
  'statistics:read': ['admin'],
  'prizes:redeem': ['staff', 'admin'],
  'inventory:read': ['staff', 'admin'],
  'products:edit': ['admin'],
  'trades:decide': ['admin'],
  'restaurants:edit': ['admin'],
  'chat:serve': ['staff', 'admin'],
  'chat:supervise': ['admin'],
  'chat:moderate': ['staff', 'admin'],
  'approvals:read': ['admin'],
  'approvals:decide': ['admin'],
  'events:read': ['admin'],
  'events:operate': ['admin'],
  'users:read': ['admin'],
  'users:operate': ['admin'],
  'users:merge': ['admin'],
  'members:import': ['admin'],
  'login-logs:read': ['admin'],
  'audit-logs:read': [],
  'roles:manage': [],
  'ip-allow-list:manage': [],
  'monitor:use': [],
  'api-keys:manage': ['admin'],
  'webhooks:manage': ['admin'],
  'notifications:send': ['admin'],
  'chat:words': ['admin'],
  'system:read': ['admin'],
  'config:read': ['admin'],
  'config:edit': ['admin'],
  'reviews:decide': ['staff', 'admin'],
  'reviews:supervise': ['admin'],
} as const satisfies Record<string, readonly Role[]>;

type Granted = Record<keyof typeof DEFAULTS, true>;
declare module '../../platform/caller.ts' {
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- its members are declared by merging
  interface Permissions extends Granted {}
}
export const PERMISSIONS = Object.keys(DEFAULTS) as [Permission, ...Permission[]];
export const ROLES = ['user', 'staff', 'admin', 'super_admin'] as const satisfies readonly Role[];

/** Where the database differs from the table above: by role, and by user, which counts more. */
export interface PermissionOverrides {
  roles: ReadonlyMap<Role, ReadonlyMap<string, boolean>>;
  users: ReadonlyMap<number, ReadonlyMap<string, boolean>>;
  /** What API keys may do, by their number as a caller; absent: there are none. */
  machines?: ReadonlyMap<number, ReadonlySet<string>>;
}

/** The one place that says who may do what; what nobody has granted is denied. A super admin may do everything. */
export function isGranted(
  { userId, role }: Pick<Identity, 'userId' | 'role'>,
  permission: Permission,
  { roles, users, machines }: PermissionOverrides,
): boolean {
  if (apiKeyIdOf(userId) !== undefined) return machines?.get(userId)?.has(permission) ?? false;
  if (role === 'super_admin') return true;
  const override = users.get(userId)?.get(permission) ?? roles.get(role)?.get(permission);
  return override ?? isGrantedByDefault(role, permission);
}

/** What the product's own table says, before any override. */
export function isGrantedByDefault(role: Role, permission: Permission): boolean {
  return role === 'super_admin' || (DEFAULTS[permission] as readonly Role[]).includes(role);
}
