import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import { LOGIN_REVOKED } from '../../rooms/kernel/roomAuth.ts';
import { forEachDatabase } from '../support/databases.ts';
import { openAdministration, type Administration } from './administration.ts';

forEachDatabase('users', (_open, openUrl) => {
  let here: Administration;
  before(async () => {
    here = await openAdministration(await openUrl());
  });
  after(() => here?.venue.close());

  const find = async (query: Record<string, string>) => {
    const { code, data } = await here.call(
      'GET',
      `/admin/users?${new URLSearchParams(query)}`,
      undefined,
      here.admin,
    );
    return {
      code,
      data,
      ids: (data?.items as { user_id: number }[] | undefined)?.map((user) => user.user_id),
    };
  };
  const statusOf = (userId: number, status: string, by = here.superAdmin) =>
    here.call('POST', `/admin/users/${userId}/status`, { status, reason: 'a test' }, by);
  const roleOf = (userId: number, role: string, by = here.superAdmin) =>
    here.call('POST', `/admin/users/${userId}/role`, { role, reason: 'a test' }, by);

  it('R-2 RA-13 users are found by a whole mobile and no part of one, nickname, role and status, in pages', async () => {
    const { userId: dinerId } = here.diner;
    assert.deepEqual((await find({ mobile: '13900000001' })).ids, [dinerId]);
    assert.deepEqual((await find({ mobile: '+8613900000001' })).ids, [dinerId]);
    // Whether somebody is here who has a number is told to whoever knows all of it.
    for (const part of ['0001', '1390000000', '139****0001', '139', '%0001'])
      assert.equal((await find({ mobile: part })).code, 'VALIDATION_FAILED', part);
    assert.deepEqual((await find({ mobile: '13912345678' })).ids, []);
    assert.deepEqual((await find({ nickname: '13900000001' })).ids, []);
    assert.deepEqual((await find({ role: 'super_admin' })).ids, [here.superAdmin.userId]);
    assert.equal((await find({ status: 'disabled' })).data.total, 0);
    const page = await find({ role: 'user', page: '2', limit: '5' });
    assert.equal(page.data.total, 20);
    assert.equal(page.ids?.length, 5);
    const odd = await here.recruit();
    await here.call('PATCH', '/auth/me', { nickname: '100%_!odd' }, odd);
    for (const nickname of ['100%_', '%', '_', '!']) {
      assert.deepEqual((await find({ nickname })).ids, [odd.userId], nickname);
    }
    for (const query of [
      { mobile: '139' },
      { mobile: '00%1' },
      { role: 'root' },
      { sort: 'mobile' },
    ] as Record<string, string>[]) {
      assert.equal((await find(query)).code, 'VALIDATION_FAILED', JSON.stringify(query));
    }
  });

  it('A-11 every answer has the mobile masked', async () => {
    const { data } = await find({ mobile: '13900000001' });
    assert.equal(data.items[0].mobile, '139****0001');
    const detail = await here.call('GET', `/admin/users/${here.diner.userId}`);
    assert.equal(detail.data.mobile, '139****0001');
    const all = await here.call('GET', '/admin/users?limit=100');
    assert.doesNotMatch(JSON.stringify(all.data), /"1[3-9]\d{9}"/);
  });

  it('R-2 a user is shown with account, permissions, logins and lock', async () => {
    const { data } = await here.call('GET', `/admin/users/${here.staff.userId}`, undefined, here.admin);
    assert.deepEqual(
      [data.role, data.status, data.permissions, data.active_logins, data.lock?.locked_until ?? null],
      [
        'staff',
        'active',
        [
          'points:grant',
          'points:pay',
          'prizes:redeem',
          'inventory:read',
          'chat:serve',
          'chat:moderate',
          'reviews:decide',
        ],
        1,
        null,
      ],
    );
    const diner = await here.call('GET', `/admin/users/${here.diner.userId}`);
    assert.equal(diner.data.account.available_points, 10_000);
    assert.deepEqual(diner.data.permissions, []);
    assert.equal((await here.call('GET', '/admin/users/2000000000')).code, 'NOT_FOUND');
  });

  it('A-9 only who has the permission may: default deny', async () => {
    const id = here.diner.userId;
    for (const by of [here.diner, here.staff]) {
      for (const path of [
        '/admin/users',
        `/admin/users/${id}`,
        '/admin/login-logs',
        '/admin/audit-logs',
        '/admin/roles',
      ]) {
        assert.equal((await here.call('GET', path, undefined, by)).code, 'FORBIDDEN', path);
      }
      assert.equal((await statusOf(id, 'disabled', by)).code, 'FORBIDDEN');
    }
    for (const path of [
      '/admin/audit-logs',
      '/admin/roles',
      '/admin/ip-allow-list',
      `/admin/users/${id}/permissions`,
    ]) {
      assert.equal((await here.call('GET', path, undefined, here.admin)).code, 'FORBIDDEN', path);
    }
    assert.equal((await roleOf(id, 'staff', here.admin)).code, 'FORBIDDEN');
    assert.equal((await here.venue.api('GET', '/admin/users')).code, 'UNAUTHENTICATED');
  });

  it('A-5 a blocked user is out at once on REST and on open sockets, and cannot log in until let in again', async () => {
    const { mobile, userId, token } = await here.recruit();
    const seat = await here.venue.sit(mobile);
    const closed = new Promise<number>((resolve) => seat.room.onLeave(resolve));
    const { data } = await statusOf(userId, 'disabled', here.admin);
    assert.deepEqual(data, { user_id: userId, status: 'disabled', ended_logins: 2 });
    assert.equal((await here.venue.api('GET', '/auth/me', { token })).code, 'TOKEN_REVOKED');
    assert.equal(await closed, LOGIN_REVOKED);
    const again = { body: { mobile, code: '123456' } };
    assert.equal((await here.venue.api('POST', '/auth/login', again)).code, 'ACCOUNT_DISABLED');
    const [row] = await here.audits();
    assert.deepEqual(
      [row?.action, row?.actor_id, row?.target_id, row?.before, row?.after, row?.ip],
      [
        'user.status',
        here.admin.userId,
        String(userId),
        { status: 'active' },
        { status: 'disabled', reason: 'a test', ended_logins: 2 },
        '127.0.0.1',
      ],
    );
    assert.equal((await statusOf(userId, 'active', here.admin)).code, 'OK');
    assert.equal((await here.venue.api('POST', '/auth/login', again)).code, 'OK');
  });

  it('A-9 nobody blocks themself, or somebody of their own role or above but the super admin', async () => {
    const other = await here.recruit('admin');
    for (const [by, userId] of [
      [here.admin, here.admin.userId],
      [here.admin, other.userId],
      [here.admin, here.superAdmin.userId],
      [here.superAdmin, here.superAdmin.userId],
    ] as const) {
      assert.equal((await statusOf(userId, 'disabled', by)).code, 'FORBIDDEN');
      assert.equal(
        (await here.call('DELETE', `/admin/users/${userId}/sessions`, undefined, by)).code,
        'FORBIDDEN',
      );
    }
    assert.equal((await statusOf(other.userId, 'disabled')).code, 'OK');
    assert.equal((await statusOf(2_000_000_000, 'disabled')).code, 'NOT_FOUND');
    assert.equal((await statusOf(other.userId, 'closed')).code, 'VALIDATION_FAILED');
  });

  it('A-9 a super admin is left when two take the role from each other at the same time', async () => {
    const other = await here.recruit('super_admin');
    const answers = await Promise.all([
      roleOf(other.userId, 'admin'),
      roleOf(here.superAdmin.userId, 'admin', other),
    ]);
    assert.deepEqual(answers.map(({ code }) => code).sort(), ['FORBIDDEN', 'OK']);
    const left = await here.venue.context.database.read<{ user_id: number }>(
      "SELECT user_id FROM users WHERE role = 'super_admin' AND status = 'active'",
    );
    assert.equal(left.length, 1);
    if (left[0]?.user_id !== here.superAdmin.userId) {
      assert.equal((await roleOf(here.superAdmin.userId, 'super_admin', other)).code, 'OK');
      assert.equal((await roleOf(other.userId, 'user')).code, 'OK');
    }
    assert.equal((await roleOf(here.superAdmin.userId, 'user')).code, 'FORBIDDEN');
  });

  it('A-9 a role holds from the next request on, and is taken the same way', async () => {
    const person = await here.recruit();
    const asks = async () => (await here.call('GET', '/admin/users', undefined, person)).code;
    assert.equal(await asks(), 'FORBIDDEN');
    assert.equal((await roleOf(person.userId, 'admin')).code, 'OK');
    assert.equal(await asks(), 'OK');
    assert.equal((await roleOf(person.userId, 'user')).code, 'OK');
    assert.equal(await asks(), 'FORBIDDEN');
    const [row] = await here.audits();
    assert.deepEqual([row?.action, row?.before.role, row?.after.role], ['user.role', 'admin', 'user']);
  });

  it('R-2 all logins of a user are ended at once', async () => {
    const { mobile, userId, token } = await here.recruit();
    const second = await here.venue.login(mobile);
    const { data } = await here.call('DELETE', `/admin/users/${userId}/sessions`, undefined, here.admin);
    assert.deepEqual(data, { user_id: userId, ended_logins: 2 });
    for (const ended of [token, second.token]) {
      assert.equal((await here.venue.api('GET', '/auth/me', { token: ended })).code, 'TOKEN_REVOKED');
    }
    await here.venue.login(mobile);
  });

  it('A-6 an admin opens the lock of a number', async () => {
    const { mobile, userId } = await here.recruit();
    await here.venue.api('POST', '/auth/code', { body: { mobile } });
    const tries = { body: { mobile, code: '000000' } };
    for (let i = 0; i < 30; i++) {
      if ((await here.venue.api('POST', '/auth/login', tries)).code === 'RATE_LIMITED') break;
    }
    const lockOf = async () => (await here.call('GET', `/admin/users/${userId}`)).data.lock;
    assert.ok((await lockOf()).consecutive_fail_count > 0);
    const unlocked = await here.call('POST', `/admin/users/${userId}/unlock`, undefined, here.admin);
    assert.deepEqual(unlocked.data, {
      user_id: userId,
      lock: { consecutive_fail_count: 0, locked_until: null },
    });
    assert.deepEqual(await lockOf(), { consecutive_fail_count: 0, locked_until: null });
    const [row] = await here.audits();
    assert.equal(row?.action, 'user.unlock');
    assert.ok(row?.before.consecutive_fail_count > 0);
    const { data } = await here.call('GET', `/admin/login-logs?user_id=${userId}&outcome=CODE_EXPIRED`);
    assert.ok(data.total > 0, 'the refused tries are in the login log');
    assert.match(data.items[0].mobile, /^\d{3}\*{4}\d{4}$/);
  });
});
