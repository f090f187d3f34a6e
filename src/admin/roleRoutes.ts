import type { AccessServices } from '../identity/access/accessChange.ts';
import { listRoles, setRolePermission, type RoleView } from '../identity/access/grants.ts';
import { actorOf, route, type Route } from '../platform/http/route.ts';
import { permissionBody, rolePath, rolesShape, roleViewShape } from './messages.ts';

/** What each role may do. */
export function roleRoutes(services: AccessServices): Route[] {
  return [
    route({
      method: 'get',
      path: '/admin/roles',
      access: 'roles:manage',
      summary: 'What each role may do, and where that was changed',
      data: rolesShape,
      handle: async () => ({ data: { items: (await listRoles(services)).map(toWire) } }),
    }),
    route({
      method: 'put',
      path: '/admin/roles/:role/permissions',
      access: 'roles:manage',
      summary: 'Grant or deny a permission to everybody of a role',
      params: rolePath,
      body: permissionBody,
      data: roleViewShape,
      handle: async (input) => {
        const { role } = input.params;
        const { permission, is_granted: isGranted } = input.body;
        await setRolePermission(services, { actor: actorOf(input), role, permission, isGranted });
        const changed = (await listRoles(services)).find((view) => view.role === role)!;
        return { data: toWire(changed) };
      },
    }),
  ];
}

function toWire({ role, permissions }: RoleView) {
  return {
    role,
    permissions: permissions.map(({ permission, isGranted, isGrantedByDefault }) => ({
      permission,
      is_granted: isGranted,
      is_granted_by_default: isGrantedByDefault,
      is_changed: isGranted !== isGrantedByDefault,
    })),
  };
}
