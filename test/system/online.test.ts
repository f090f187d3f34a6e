import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import { openAdministration, type Administration } from '../admin/administration.ts';
import { forEachDatabase } from '../support/databases.ts';
import { eventually } from '../support/seat.ts';
import type { Login } from '../support/server.ts';

forEachDatabase('who of the staff is there', (_open, openUrl) => {
  let here: Administration;
  before(async () => {
    here = await openAdministration(await openUrl());
  });
  after(() => here?.venue.close());

  const online = async (by: Login = here.admin) => here.call('GET', '/admin/online', undefined, by);
  const shown = async () =>
    (await online()).data.items.map(({ user_id, role, nodes, agent }: any) => [
      user_id,
      role,
      nodes,
      agent?.status ?? null,
    ]);

  it('R-6 whoever works here and sits in a room, or serves diners, is shown, for administrators alone', async () => {
    assert.deepEqual((await online()).data.items, []);
    for (const by of [here.staff, here.diner]) assert.equal((await online(by)).code, 'FORBIDDEN');
    const seats = [
      await here.venue.joinCampaign(here.diner.token),
      await here.venue.joinCampaign(here.admin.token),
    ];
    await eventually(async () => assert.deepEqual(await shown(), [[here.admin.userId, 'admin', 1, null]]));
    const status = (isOnline: boolean) =>
      here.call('PUT', '/admin/chat/agent', { online: isOnline, limit: 3 }, here.staff);
    assert.equal((await status(true)).code, 'OK');
    const both = [
      [here.admin.userId, 'admin', 1, null],
      [here.staff.userId, 'staff', 0, 'online'],
    ].sort(([a], [b]) => Number(a) - Number(b));
    assert.deepEqual(await shown(), both);
    await status(false);
    for (const seat of seats) await seat.leave();
    await eventually(async () => assert.deepEqual(await shown(), []));
  });

  it('A-9 whoever was let go is not shown any more, though they sit there still', async () => {
    const helper = await here.recruit('staff');
    const seat = await here.venue.joinCampaign(helper.token);
    await eventually(async () => assert.deepEqual(await shown(), [[helper.userId, 'staff', 1, null]]));
    const role = { role: 'user', reason: 'a test' };
    assert.equal((await here.call('POST', `/admin/users/${helper.userId}/role`, role)).code, 'OK');
    assert.deepEqual(await shown(), []);
    seat.reconnection.enabled = false;
    await seat.leave().catch(() => undefined);
  });
});
