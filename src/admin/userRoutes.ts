/** Users, as the administration sees and blocks them. Mobiles are masked in every answer. */
import type { AccessServices } from '../identity/access/accessChange.ts';
import { readUserPermissions, setUserPermission } from '../identity/access/grants.ts';
import { maskMobile } from '../identity/login/mask.ts';
import { setUserRole } from '../identity/access/roles.ts';
import { setBirthday } from '../identity/people/birthdays.ts';
import { setTest } from '../identity/people/testAccounts.ts';
import {
  endUserLogins,
  listUsers,
  readUser,
  setUserStatus,
  unlockUser,
  type UserDetail,
  type UserListing,
} from '../identity/people/users.ts';
import { actorOf, route, type Route } from '../platform/http/route.ts';
import { accountToWire } from '../points/wire.ts';
import { toWireTime } from '../platform/shapes.ts';
import { longPageToWire } from './longPage.ts';
import {
  birthdayBody,
  birthdayChangedShape,
  idPath,
  loginsEndedShape,
  permissionBody,
  roleBody,
  roleChangedShape,
  statusBody,
  statusChangedShape,
  testBody,
  testChangedShape,
  unlockedShape,
  userPermissionsShape,
  userShape,
  usersQuery,
  usersShape,
} from './messages.ts';

export function userRoutes(services: AccessServices): Route[] {
  return [
    listRoute(services),
    detailRoute(services),
    statusRoute(services),
    roleRoute(services),
    permissionsRoute(services),
    changePermissionRoute(services),
    birthdayRoute(services),
    testRoute(services),
    unlockRoute(services),
    endLoginsRoute(services),
  ];
}

function listRoute(services: AccessServices): Route {
  return route({
    method: 'get',
    path: '/admin/users',
    access: 'users:read',
    list: { name: 'users' },
    summary: 'Find users, newest first; a mobile is found in full alone',
    query: usersQuery,
    data: usersShape,
    handle: async ({ query }) => ({ data: longPageToWire(await listUsers(services, query), listingToWire) }),
  });
}

function detailRoute(services: AccessServices): Route {
  return route({
    method: 'get',
    path: '/admin/users/:id',
    access: 'users:read',
    summary: 'A user with account, permissions, logins and lock',
    refusals: ['NOT_FOUND'],
    params: idPath,
    data: userShape,
    handle: async ({ params }) => ({ data: detailToWire(await readUser(services, params.id)) }),
  });
}

function statusRoute(services: AccessServices): Route {
  return route({
    method: 'post',
    path: '/admin/users/:id/status',
    access: 'users:operate',
    summary: 'Block a user, which ends all their logins, or let them in again',
    refusals: ['NOT_FOUND', 'CONFLICT'],
    params: idPath,
    body: statusBody,
    data: statusChangedShape,
    handle: async (input) => {
      const { params, body } = input;
      const change = { actor: actorOf(input), userId: params.id, ...body };
      const ended = await setUserStatus(services, change);
      return { data: { user_id: params.id, status: body.status, ended_logins: ended } };
    },
  });
}

function roleRoute(services: AccessServices): Route {
  return route({
    method: 'post',
    path: '/admin/users/:id/role',
    access: 'roles:manage',
    summary: 'Give a user another role; with a lower one, what they alone were granted is taken back',
    refusals: ['NOT_FOUND', 'CONFLICT'],
    params: idPath,
    body: roleBody,
    data: roleChangedShape,
    handle: async (input) => {
      const { params, body } = input;
      await setUserRole(services, { actor: actorOf(input), userId: params.id, ...body });
      return { data: { user_id: params.id, role: body.role } };
    },
  });
}

function permissionsRoute(services: AccessServices): Route {
  return route({
    method: 'get',
    path: '/admin/users/:id/permissions',
    access: 'roles:manage',
    summary: 'What a user may do, by role and by grants and denials of their own',
    refusals: ['NOT_FOUND'],
    params: idPath,
    data: userPermissionsShape,
    handle: async ({ params }) => ({ data: await permissionsToWire(services, params.id) }),
  });
}

function changePermissionRoute(services: AccessServices): Route {
  return route({
    method: 'put',
    path: '/admin/users/:id/permissions',
    access: 'roles:manage',
    summary: 'Grant or deny a user one permission, whatever their role says',
    refusals: ['NOT_FOUND', 'CONFLICT'],
    params: idPath,
    body: permissionBody,
    data: userPermissionsShape,
    handle: async (input) => {
      const { params, body } = input;
      const { permission, is_granted: isGranted } = body;
      await setUserPermission(services, { actor: actorOf(input), userId: params.id, permission, isGranted });
      return { data: await permissionsToWire(services, params.id) };
    },
  });
}

function birthdayRoute(services: AccessServices): Route {
  return route({
    method: 'put',
    path: '/admin/users/:id/birthday',
    access: 'users:operate',
    summary: "Change a user's birthday, which they may tell once themselves",
    refusals: ['NOT_FOUND', 'CONFLICT'],
    params: idPath,
    body: birthdayBody,
    data: birthdayChangedShape,
    handle: async (input) => {
      const { params, body } = input;
      await setBirthday(services, { actor: actorOf(input), userId: params.id, ...body });
      return { data: { user_id: params.id, birthday: body.birthday } };
    },
  });
}

function testRoute(services: AccessServices): Route {
  return route({
    method: 'put',
    path: '/admin/users/:id/test',
    access: 'users:operate',
    summary: 'Say whether somebody only tries the product out: no report counts them then',
    refusals: ['NOT_FOUND', 'CONFLICT'],
    params: idPath,
    body: testBody,
    data: testChangedShape,
    handle: async (input) => {
      const { id: userId } = input.params;
      const { is_test: isTest } = input.body;
      await setTest(services, { actor: actorOf(input), userId, isTest });
      return { data: { user_id: userId, is_test: isTest } };
    },
  });
}

function unlockRoute(services: AccessServices): Route {
  return route({
    method: 'post',
    path: '/admin/users/:id/unlock',
    access: 'users:operate',
    summary: "Open the lock of a user's number after wrong codes",
    refusals: ['NOT_FOUND'],
    params: idPath,
    data: unlockedShape,
    handle: async (input) => {
      const { id: userId } = input.params;
      await unlockUser(services, { actor: actorOf(input), userId });
      return { data: { user_id: userId, lock: { consecutive_fail_count: 0, locked_until: null } } };
    },
  });
}

function endLoginsRoute(services: AccessServices): Route {
  return route({
    method: 'delete',
    path: '/admin/users/:id/sessions',
    access: 'users:operate',
    summary: 'End all logins of a user',
    refusals: ['NOT_FOUND', 'CONFLICT'],
    params: idPath,
    data: loginsEndedShape,
    handle: async (input) => {
      const { id: userId } = input.params;
      const ended = await endUserLogins(services, { actor: actorOf(input), userId });
      return { data: { user_id: userId, ended_logins: ended } };
    },
  });
}

async function permissionsToWire(services: AccessServices, userId: number) {
  const { role, permissions } = await readUserPermissions(services, userId);
  return {
    user_id: userId,
    role,
    permissions: permissions.map(({ permission, isGranted, isGrantedByRole, override }) => ({
      permission,
      is_granted: isGranted,
      is_granted_by_role: isGrantedByRole,
      override,
    })),
  };
}

function listingToWire(user: UserListing) {
  return {
    user_id: user.userId,
    mobile: maskMobile(user.mobile),
    nickname: user.nickname,
    avatar_url: user.avatarUrl,
    role: user.role,
    status: user.status,
    login_count: user.loginCount,
    last_login_at: user.lastLoginMs === null ? null : toWireTime(user.lastLoginMs),
    registered_at: toWireTime(user.registeredMs),
    is_test: user.isTest,
  };
}

function detailToWire(user: UserDetail) {
  const { account, permissions, activeLogins, lock } = user;
  return {
    ...listingToWire(user),
    account: accountToWire(account),
    permissions,
    active_logins: activeLogins,
    lock: lock ?? null,
  };
}
