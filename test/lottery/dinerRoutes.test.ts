import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import { UserSegment } from '../../entities/lottery/UserSegment.ts';
import { LIMITS } from '../../src/platform/limits.ts';
import { openAdministration, type Administration } from '../admin/administration.ts';
import { forEachDatabase } from '../support/databases.ts';

forEachDatabase('the administration of who may draw', (_open, openUrl) => {
  let here: Administration;
  before(async () => {
    here = await openAdministration(await openUrl());
  });
  after(() => here?.venue.close());

  let requests = 0;
  const draw = () => {
    const body = { campaign_id: 1, request_id: `r-${++requests}` };
    return here.call('POST', '/lottery/draw', body, here.diner);
  };
  const put = (reason: string) => here.call('PUT', `/admin/blacklist/${here.diner.userId}`, { reason });
  const lift = () => here.call('DELETE', `/admin/blacklist/${here.diner.userId}`);
  const auditsOf = async (action: string) =>
    (await here.audits()).filter((row) => row.action === action).map(({ before, after }) => [before, after]);

  it('L-7 whoever is put on the blacklist is refused at once, until it is lifted; the same once more leaves no row', async () => {
    assert.equal((await draw()).code, 'OK');
    const listed = await put('bought accounts');
    assert.equal(listed.data.reason, 'bought accounts');
    assert.deepEqual((await put('bought accounts')).data, listed.data);
    const refused = await draw();
    assert.deepEqual([refused.status, refused.code], [403, 'NOT_ELIGIBLE']);
    assert.deepEqual(refused.details, { condition: 'blacklist' });
    const { data } = await here.call('GET', '/admin/blacklist?limit=10');
    assert.deepEqual([data.items, data.total, data.next], [[listed.data], 1, null]);
    for (const [userId, count] of [
      [here.diner.userId, 1],
      [here.staff.userId, 0],
    ])
      assert.equal((await here.call('GET', `/admin/blacklist?user_id=${userId}`)).data.total, count);
    await put('many accounts');
    await lift();
    assert.deepEqual((await lift()).data, { user_id: here.diner.userId });
    assert.equal((await draw()).code, 'OK');
    assert.deepEqual(await auditsOf('user.blacklist'), [
      [{ reason: 'many accounts' }, null],
      [{ reason: 'bought accounts' }, { reason: 'many accounts' }],
      [null, { reason: 'bought accounts' }],
    ]);
    const nobody = await here.call('PUT', '/admin/blacklist/2000000000', { reason: 'a test' });
    assert.equal(nobody.code, 'NOT_FOUND');
  });

  it('L-7 members of a segment come and go, and what changes nothing leaves no row', async () => {
    const { diner, staff } = here;
    const change = (body: object, segment = 'gold') =>
      here.call('PUT', `/admin/segments/${encodeURIComponent(segment)}/members`, body);
    const both = await change({ add: [diner.userId, staff.userId, diner.userId], remove: [] });
    assert.deepEqual(both.data, { segment: 'gold', added: [diner.userId, staff.userId], removed: [] });
    const again = await change({ add: [diner.userId], remove: [here.admin.userId] });
    assert.deepEqual(again.data, { segment: 'gold', added: [], removed: [] });
    const less = await change({ remove: [staff.userId] });
    assert.deepEqual(less.data.removed, [staff.userId]);
    await change({ add: [staff.userId] }, '常客');
    assert.deepEqual((await here.call('GET', '/admin/segments')).data.items, [
      { segment: 'gold', members: 1 },
      { segment: '常客', members: 1 },
    ]);
    assert.equal((await auditsOf('segment.members')).length, 3);
    assert.equal((await change({ add: [2_000_000_000] })).code, 'NOT_FOUND');
    const twice = await change({ add: [diner.userId], remove: [diner.userId] });
    assert.equal(twice.code, 'VALIDATION_FAILED');
    const many = Array.from({ length: LIMITS.segmentChange + 1 }, (_, at) => at + 1);
    assert.equal((await change({ remove: many })).code, 'VALIDATION_FAILED');
  });

  it('L-7 there are as many segments as there may be', async () => {
    const user_id = here.diner.userId;
    const rows = Array.from({ length: LIMITS.segments }, (_, at) => ({ segment: `many-${at}`, user_id }));
    await here.venue.context.database.transaction(({ manager }) => manager.insert(UserSegment, rows));
    const put = (segment: string) =>
      here.call('PUT', `/admin/segments/${segment}/members`, { add: [here.staff.userId] });
    assert.equal((await put('one-more')).code, 'CONFLICT');
    assert.equal((await put('many-1')).code, 'OK');
  });

  it('L-7 A-9 nobody but who may operate users changes who may draw', async () => {
    for (const [method, path, body] of [
      ['GET', '/admin/blacklist', undefined],
      ['PUT', `/admin/blacklist/${here.staff.userId}`, { reason: 'a test' }],
      ['DELETE', `/admin/blacklist/${here.staff.userId}`, undefined],
      ['GET', '/admin/segments', undefined],
      ['PUT', '/admin/segments/gold/members', { remove: [here.diner.userId] }],
    ] as const) {
      for (const by of [here.diner, here.staff])
        assert.equal((await here.call(method, path, body, by)).code, 'FORBIDDEN', `${method} ${path}`);
      assert.equal((await here.call(method, path, body, here.admin)).code, 'OK', `${method} ${path}`);
    }
  });
});
