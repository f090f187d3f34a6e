import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import { forEachDatabase } from '../support/databases.ts';
import type { Login } from '../support/server.ts';
import { openAdministration, type Administration } from './administration.ts';

forEachDatabase('roles and permissions', (_open, openUrl) => {
  let here: Administration;
  before(async () => {
    here = await openAdministration(await openUrl());
  });
  after(() => here?.venue.close());

  const change = (path: string, permission: string, isGranted: boolean | null, by?: Login) =>
    here.call('PUT', `${path}/permissions`, { permission, is_granted: isGranted }, by);
  const ofRole = (role: string) => `/admin/roles/${role}`;
  const ofUser = (userId: number) => `/admin/users/${userId}`;
  const asks = async (by: Login, path = '/admin/users') => (await here.call('GET', path, undefined, by)).code;
  const view = async (path: string, permission: string) => {
    const { data } = await here.call('GET', path);
    const views = data.items === undefined ? data : data.items.find((item: any) => item.role === 'staff');
    return views.permissions.find((one: any) => one.permission === permission);
  };

  it('A-9 a role is granted a permission, and it is taken back', async () => {
    assert.equal(await asks(here.staff), 'FORBIDDEN');
    const { data } = await change(ofRole('staff'), 'users:read', true);
    const granted = {
      permission: 'users:read',
      is_granted: true,
      is_granted_by_default: false,
      is_changed: true,
    };
    assert.deepEqual(
      data.permissions.find((one: any) => one.permission === 'users:read'),
      granted,
    );
    assert.deepEqual(await view('/admin/roles', 'users:read'), granted);
    assert.equal(await asks(here.staff), 'OK');
    await change(ofRole('staff'), 'users:read', null);
    assert.equal(await asks(here.staff), 'FORBIDDEN');
    const [row] = await here.audits();
    assert.deepEqual(
      [row?.action, row?.target_id, row?.before, row?.after],
      [
        'role.permission',
        'staff',
        { permission: 'users:read', is_granted: true },
        { permission: 'users:read', is_granted: null },
      ],
    );
  });

  it('A-9 what super admins and plain users may do is not up to a table', async () => {
    for (const role of ['super_admin', 'user']) {
      for (const isGranted of [true, false, null]) {
        assert.equal((await change(ofRole(role), 'users:read', isGranted)).code, 'FORBIDDEN');
      }
    }
    assert.equal((await change(ofRole('root'), 'users:read', true)).code, 'VALIDATION_FAILED');
    assert.equal((await change(ofRole('staff'), 'everything', true)).code, 'VALIDATION_FAILED');
    assert.equal((await change(ofUser(here.superAdmin.userId), 'users:read', false)).code, 'FORBIDDEN');
    const other = await here.recruit('super_admin');
    assert.equal((await change(ofUser(other.userId), 'users:read', false)).code, 'CONFLICT');
    await here.call('POST', `/admin/users/${other.userId}/role`, { role: 'user', reason: 'done' });
  });

  it('A-9 one user is denied what their role may do, and granted what it may not', async () => {
    const person = await here.recruit('admin');
    const denied = await change(ofUser(person.userId), 'users:read', false);
    assert.deepEqual(
      denied.data.permissions.find((one: any) => one.permission === 'users:read'),
      { permission: 'users:read', is_granted: false, is_granted_by_role: true, override: false },
    );
    assert.equal(await asks(person), 'FORBIDDEN');
    assert.equal(await asks(here.admin), 'OK');
    await change(ofUser(person.userId), 'audit-logs:read', true);
    assert.equal(await asks(person, '/admin/audit-logs'), 'OK');
    // The console shows them what they may do.
    const { permissions } = (await here.venue.api<any>('GET', '/auth/me', person)).data;
    assert.deepEqual(
      ['users:read', 'audit-logs:read', 'users:operate'].map((name) => permissions.includes(name)),
      [false, true, true],
    );
    await change(ofUser(person.userId), 'users:read', null);
    assert.equal(await asks(person), 'OK');
  });

  it('A-9 what a user alone was granted goes with their role, what they are denied stays', async () => {
    const person = await here.recruit('admin');
    await change(ofUser(person.userId), 'audit-logs:read', true);
    await change(ofUser(person.userId), 'points:grant', false);
    await here.call('POST', `/admin/users/${person.userId}/role`, { role: 'staff', reason: 'moved' });
    assert.equal(await asks(person, '/admin/audit-logs'), 'FORBIDDEN');
    assert.equal((await view(`${ofUser(person.userId)}/permissions`, 'points:grant')).override, false);
  });

  it('A-9 who may manage roles does not rise by it, nor give what they do not have', async () => {
    const [deputy, peer, staff] = [
      await here.recruit('admin'),
      await here.recruit('admin'),
      await here.recruit('staff'),
    ];
    await change(ofUser(deputy.userId), 'roles:manage', true);
    const role = async (userId: number, to: string) =>
      (await here.call('POST', `/admin/users/${userId}/role`, { role: to, reason: 'a test' }, deputy)).code;
    assert.equal(await role(deputy.userId, 'super_admin'), 'FORBIDDEN');
    assert.equal(await role(staff.userId, 'super_admin'), 'FORBIDDEN');
    assert.equal(await role(staff.userId, 'admin'), 'FORBIDDEN');
    assert.equal(await role(peer.userId, 'user'), 'FORBIDDEN');
    assert.equal(await role(here.superAdmin.userId, 'user'), 'FORBIDDEN');
    const refused = async (path: string, permission: string, isGranted: boolean) =>
      assert.equal(
        (await change(path, permission, isGranted, deputy)).code,
        'FORBIDDEN',
        `${path} ${permission}`,
      );
    await refused(ofUser(deputy.userId), 'monitor:use', true);
    await refused(ofUser(peer.userId), 'users:read', false);
    await refused(ofUser(staff.userId), 'monitor:use', true);
    await refused(ofRole('admin'), 'users:read', false);
    await refused(ofRole('staff'), 'audit-logs:read', true);
    assert.equal((await change(ofUser(staff.userId), 'users:read', true, deputy)).code, 'OK');
    assert.equal(await role(staff.userId, 'user'), 'OK');
  });

  it('A-9 fields of a body that name a role, a user or permissions change nothing elsewhere', async () => {
    const person = await here.recruit();
    const raised = {
      role: 'super_admin',
      user_id: here.superAdmin.userId,
      permissions: ['roles:manage'],
      status: 'active',
    };
    for (const [method, path, body] of [
      ['PATCH', '/auth/me', { nickname: 'me' }],
      ['POST', '/auth/login', { mobile: person.mobile, code: '123456' }],
      ['POST', '/points/consume', { amount: 1, reason: 'dish' }],
      ['POST', '/lottery/draw', { campaign_id: 1, request_id: 'raise', draw_count: 1 }],
    ] as const) {
      for (const [field, value] of Object.entries(raised)) {
        const sent = { ...body, [field]: value };
        const { code } = await here.call(method, path, sent, person, {
          headers: { 'Idempotency-Key': 'raise' },
        });
        assert.equal(code, 'VALIDATION_FAILED', `${path} ${field}`);
      }
    }
    const { data } = await here.call('GET', `/admin/users/${person.userId}`);
    assert.deepEqual([data.role, data.permissions], ['user', []]);
  });
});
