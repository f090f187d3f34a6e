import type { Role } from '../../entities/User.ts';

/** Who is calling, as the access token says. */
export interface Identity {
  userId: number;
  sessionId: number;
  role: Role;
  nickname: string;
}

export type Permission = 'points:grant' | 'campaigns:operate';

const PERMISSIONS: Record<Role, readonly Permission[]> = {
  user: [],
  staff: ['points:grant'],
  admin: ['points:grant', 'campaigns:operate'],
  super_admin: ['points:grant', 'campaigns:operate'],
};

/** The one place that says who may do what; what is not listed is denied. */
export function can(identity: Identity, permission: Permission): boolean {
  return PERMISSIONS[identity.role].includes(permission);
}
