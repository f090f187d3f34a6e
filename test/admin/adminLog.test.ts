/** A-10 the log of the administration. */
import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import { forEachDatabase } from '../support/databases.ts';
import { openAdministration, type Administration } from './administration.ts';

forEachDatabase('the audit log', (_open, openUrl) => {
  let here: Administration;
  before(async () => {
    here = await openAdministration(await openUrl());
  });
  after(() => here?.venue.close());

  const rows = async () => {
    const [row] = await here.venue.context.database.read<{ total: number | string }>(
      'SELECT COUNT(*) AS total FROM admin_audit_logs',
    );
    return Number(row?.total);
  };

  it('A-10 what is refused, or answered a second time, leaves none', async () => {
    const grant = { user_id: here.admin.userId, amount: 5, reason: 'birthday', source: 'pos' };
    const earn = () =>
      here.call('POST', '/points/earn', grant, here.staff, { headers: { 'Idempotency-Key': 'twice' } });
    assert.equal((await earn()).code, 'OK');
    const before = await rows();
    assert.equal((await earn()).headers.get('Idempotency-Replayed'), 'true');
    await here.call('POST', `/admin/users/${here.superAdmin.userId}/role`, {
      role: 'user',
      reason: 'a test',
    });
    await here.call('POST', '/points/earn', { ...grant, user_id: 2_000_000_000 }, here.staff, {
      headers: { 'Idempotency-Key': 'nobody' },
    });
    assert.equal(await rows(), before);
  });

  it('RA-2 who has tried what is refused is in the log of the server', async () => {
    const { logger } = here.venue.context;
    const told: object[] = [];
    const info = logger.info.bind(logger);
    logger.info = ((...given: [object, string]) => (
      told.push(given[0]),
      info(...given)
    )) as typeof logger.info;
    try {
      const role = { role: 'admin', reason: 'a test' };
      await here.call('POST', `/admin/users/${here.diner.userId}/role`, role, here.staff);
      await here.call('PUT', '/admin/restaurants/1', { version: 1_000_000, phone: '1' });
      await here.call('GET', '/admin/users', undefined, here.diner);
    } finally {
      Reflect.deleteProperty(logger, 'info');
    }
    const of = (method: string, path: string, callerId: number, refusal: string) => ({
      callerId,
      method,
      path,
      refusal,
    });
    assert.deepEqual(
      told.filter((line) => 'refusal' in line).map(({ requestId: _, ...line }: any) => line),
      [
        of('post', '/admin/users/:id/role', here.staff.userId, 'FORBIDDEN'),
        of('put', '/admin/restaurants/:id', here.superAdmin.userId, 'CONFLICT'),
      ],
    );
  });

  it('A-10 the log is read newest first, in pages, by who did what to what', async () => {
    const list = async (query: string) => (await here.call('GET', `/admin/audit-logs?${query}`)).data;
    for (let at = 0; at < 4; at++) await here.recruit('staff');
    const role = { role: 'staff', reason: 'a test' };
    assert.equal((await here.call('POST', `/admin/users/${here.diner.userId}/role`, role)).code, 'OK');
    const all = await list('limit=100');
    assert.ok(all.total > 5);
    const ids = all.items.map((item: any) => item.audit_id as number);
    assert.deepEqual(
      ids,
      ids.toSorted((a: number, b: number) => b - a),
    );
    assert.equal((await list('page=2&limit=3')).items[0].audit_id, ids[3]);
    const byStaff = await list(`actor_id=${here.staff.userId}`);
    assert.deepEqual([byStaff.total, byStaff.items[0].action], [1, 'points.grant']);
    const { before, after } = byStaff.items[0];
    assert.equal(after.available_points - before.available_points, 5);
    const ofUser = await list(`target_type=user&target_id=${here.diner.userId}&action=user.role`);
    assert.deepEqual([ofUser.total, ofUser.items[0].after.role], [1, 'staff']);
    assert.equal((await list('action=user')).total, 0);
    const refused = await here.call('GET', "/admin/audit-logs?action=user'--");
    assert.equal(refused.code, 'VALIDATION_FAILED');
    assert.doesNotMatch(JSON.stringify(all), /"1[3-9]\d{9}"/, 'A-11 no mobile is in the log');
  });
});
