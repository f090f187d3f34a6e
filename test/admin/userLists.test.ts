/** What the administration reads of one person: movements, prizes, draws. */
import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import { forEachDatabase } from '../support/databases.ts';
import { openAdministration, type Administration } from './administration.ts';

forEachDatabase('lists of one person', (_open, openUrl) => {
  let here: Administration;
  let campaignId: number;
  let path: string;
  before(async () => {
    here = await openAdministration(await openUrl());
    const prize = { prize_type: 'physical', win_probability: 50_000_000, total_quantity: 20 } as const;
    const campaign = { guarantee_threshold: null };
    ({ campaignId } = await here.venue.addCampaign({ campaign, prizes: [prize] }));
    path = `/admin/users/${here.diner.userId}`;
    for (const request of ['a', 'b', 'c']) {
      const body = { campaign_id: campaignId, request_id: request, draw_count: 10 };
      assert.equal((await here.call('POST', '/lottery/draw', body, here.diner)).code, 'OK');
    }
  });
  after(() => here?.venue.close());

  const read = async (url: string, by = here.admin) => here.call('GET', url, undefined, by);

  it('R-2 P-2 an administrator reads the movements of a user as the user does, by type and time, from page to page', async () => {
    const own = await read('/points/transactions?limit=100', here.diner);
    const { data } = await read(`${path}/transactions?limit=100`);
    assert.deepEqual(data.items, own.data.items);
    assert.deepEqual([data.total, data.total_is_exact], [own.data.total, true]);
    const draws = await read(`${path}/transactions?type=lottery_draw&limit=2`);
    assert.deepEqual([draws.data.items.length, draws.data.total], [2, 3]);
    const rest = await read(`${path}/transactions?type=lottery_draw&limit=2&before=${draws.data.next}`);
    assert.deepEqual([rest.data.items.length, rest.data.next], [1, null]);
    const later = await read(`${path}/transactions?start_time=2999-01-01T00:00:00Z`);
    assert.deepEqual([later.data.items, later.data.total], [[], 0]);
    assert.equal((await read('/admin/users/2000000000/transactions')).code, 'NOT_FOUND');
  });

  it('R-2 A-11 what a user has won is shown without where it is sent to', async () => {
    const own = await read('/lottery/my-prizes?limit=100', here.diner);
    const [won] = own.data.items;
    const address = { name: '王小明', phone: '021-5555 0100', address: '上海市南京路 1 号' };
    const claim = { draw_id: won.draw_id, delivery_info: address };
    assert.equal((await here.call('POST', '/lottery/claim', claim, here.diner)).code, 'OK');
    const { data } = await read(`${path}/prizes?limit=100`);
    assert.equal(data.total, own.data.total);
    const { delivery } = data.items[0];
    assert.deepEqual(Object.keys(delivery).sort(), ['carrier', 'status', 'tracking_no', 'updated_at']);
    assert.doesNotMatch(JSON.stringify(data), /王小明|5555|南京路/);
    const mine = await read('/lottery/my-prizes?limit=1', here.diner);
    assert.equal(mine.data.items[0].delivery.phone, address.phone);
    const claimed = await read(`${path}/prizes?status=claimed`);
    assert.deepEqual([claimed.data.items.length, claimed.data.total], [1, 1]);
    const next = await read(`${path}/prizes?limit=1&before=${mine.data.next}`);
    assert.equal(next.data.items[0].item_id, data.items[1].item_id);
    assert.equal((await read('/admin/users/2000000000/prizes')).code, 'NOT_FOUND');
  });

  it('R-2 L-5 draws are found by campaign, user and outcome, and each leads to its public proof', async () => {
    const won = await read('/lottery/my-prizes?limit=100', here.diner);
    const { data } = await read(
      `/admin/draws?campaign_id=${campaignId}&user_id=${here.diner.userId}&limit=100`,
    );
    assert.deepEqual([data.items.length, data.next], [30, null]);
    const winners = await read(`/admin/draws?campaign_id=${campaignId}&winners=true&limit=100`);
    assert.deepEqual(
      winners.data.items.map((draw: { draw_id: number }) => draw.draw_id),
      won.data.items.map((item: { draw_id: number }) => item.draw_id),
    );
    const [draw] = winners.data.items;
    assert.deepEqual(Object.keys(draw.user).sort(), ['avatar_url', 'nickname', 'user_id']);
    const proof = await read(`/lottery/draws/${draw.draw_id}/proof`);
    const { epoch, log_no, user, prize } = draw;
    assert.deepEqual(
      [proof.data.epoch, proof.data.log_no, proof.data.user_id, proof.data.prize_id],
      [epoch, log_no, user.user_id, prize.prize_id],
    );
    const first = await read(`/admin/draws?campaign_id=${campaignId}&limit=29`);
    const second = await read(`/admin/draws?campaign_id=${campaignId}&limit=29&before=${first.data.next}`);
    assert.equal(second.data.items.length, 1);
    assert.deepEqual((await read(`/admin/draws?user_id=2000000000`)).data.items, []);
    for (const query of ['winners=false', 'before=1', 'page=2'])
      assert.equal((await read(`/admin/draws?${query}`)).code, 'VALIDATION_FAILED', query);
  });

  it('A-9 who may not read users or run campaigns reads none of it', async () => {
    for (const url of [
      `${path}/transactions`,
      `${path}/prizes`,
      '/admin/draws',
      '/admin/users/2000000000/prizes',
    ])
      for (const by of [here.diner, here.staff]) assert.equal((await read(url, by)).code, 'FORBIDDEN', url);
  });
});
