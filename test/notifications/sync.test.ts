import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, afterEach, before, it } from 'mocha';
import type { SyncMessage } from '../../rooms/user/syncOutbox.ts';
import { KaijiangClient } from '../../src/client/kaijiangClient.ts';
import type { NotificationSeat } from '../../src/client/notificationSeat.ts';
import { LIMITS } from '../../src/platform/limits.ts';
import { tellPeople, tellSync } from '../../src/platform/sync.ts';
import { forEachDatabase } from '../support/databases.ts';
import { eventually } from '../support/seat.ts';
import { campaignBody } from '../lottery/manage/operators.ts';
import { openVenue, type Venue } from '../support/venue.ts';

interface Listener {
  token: string;
  userId: number;
  seat: NotificationSeat;
  heard: SyncMessage[];
}

forEachDatabase('what those who are here are told of changes', (_open, openUrl) => {
  let venue: Venue;
  const listeners: Listener[] = [];
  let people = 0;
  before(async () => {
    venue = await openVenue(await openUrl());
  });
  after(() => venue?.close());
  afterEach(async () => {
    for (const { seat } of listeners.splice(0)) await seat.leave();
  });

  /** @param mobile of the demo; somebody new unless told otherwise, once the points of the first login have come */
  const listen = async (mobile?: string): Promise<Listener> => {
    const own = await venue.login(mobile ?? `139000014${String(++people).padStart(2, '0')}`);
    if (mobile === undefined)
      await eventually(async () => {
        const { data } = await venue.api<any>('GET', '/points/account', { token: own.token });
        assert.ok(data.available_points > 0);
      });
    const client = new KaijiangClient({ url: venue.origin, accessToken: own.token });
    const seat = await client.joinNotifications({});
    const listener: Listener = { ...own, seat, heard: [] };
    seat.onSync((sync) => listener.heard.push(sync));
    listeners.push(listener);
    return listener;
  };
  const of = ({ heard }: Listener, entity: SyncMessage['entity']) =>
    heard.filter((sync) => sync.entity === entity);
  const last = (listener: Listener, entity: SyncMessage['entity']) => of(listener, entity).at(-1);
  const draw = (token: string, campaignId: number, requestId: string) =>
    venue.api<any>('POST', '/lottery/draw', {
      token,
      body: { campaign_id: campaignId, request_id: requestId, draw_count: 5 },
    });

  it('C-8 whoever moves points is told of the balance on all devices, and nobody else', async () => {
    const own = await listen();
    const other = await listen();
    await sleep(300);
    const second = new KaijiangClient({ url: venue.origin, accessToken: own.token });
    const device = await second.joinNotifications({});
    const onSecond: SyncMessage[] = [];
    device.onSync((sync) => onSecond.push(sync));
    listeners.push({ ...own, seat: device, heard: onSecond });
    own.heard.length = 0;
    other.heard.length = 0;
    const headers = { 'Idempotency-Key': `spent-${people}` };
    await venue.api('POST', '/points/consume', {
      token: own.token,
      body: { amount: 1.5, reason: 'x' },
      headers,
    });
    const { data } = await venue.api<any>('GET', '/points/account', { token: own.token });
    await eventually(() => {
      for (const heard of [own.heard, onSecond]) {
        const sync = heard.find(({ entity }) => entity === 'points');
        assert.equal(sync?.id, own.userId);
        assert.equal(sync.change['available_points'], data.available_points);
      }
    });
    await sleep(200);
    assert.deepEqual(other.heard, []);
  });

  it('C-8 guests of a campaign are told of its stock and leaders, once a second at most; a stranger is not', async () => {
    const guest = await listen();
    const stranger = await listen();
    const prize = { win_probability: 100_000_000, total_quantity: 1000, prize_type: 'coupon' } as const;
    const { campaignId, prizeIds } = await venue.addCampaign({
      campaign: { guarantee_threshold: null, cost_per_draw: 1 },
      prizes: [prize],
    });
    assert.equal((await draw(guest.token, campaignId, 'first')).code, 'OK');
    await venue.context.visitors.save();
    const startedMs = performance.now();
    let drawn = 5;
    for (let at = 0; performance.now() - startedMs < 4500 && at < 40; at++) {
      const { code } = await draw(guest.token, campaignId, `more-${at}`);
      if (code === 'OK') drawn += 5;
      await sleep(100);
    }
    await eventually(() => {
      const { prizes } = last(guest, 'stock')?.change as any;
      assert.deepEqual(prizes, [{ prize_id: prizeIds[0], remaining: 1000 - drawn }]);
      const { leaders } = last(guest, 'leaderboard')?.change as any;
      assert.deepEqual([leaders.length, leaders[0].user_id], [1, guest.userId]);
    });
    const seconds = (performance.now() - startedMs) / 1000;
    const told = of(guest, 'stock').length;
    assert.ok(told >= 1 && told <= seconds + 2, `${told} in ${seconds} s`);
    assert.deepEqual([of(stranger, 'stock'), of(stranger, 'leaderboard')], [[], []]);
  });

  it('C-8 everybody who is here is told of a campaign; of a won thing its owner alone', async () => {
    const winner = await listen();
    const other = await listen();
    const prize = { win_probability: 100_000_000, total_quantity: 5, prize_type: 'coupon' } as const;
    const { campaignId } = await venue.addCampaign({
      campaign: { guarantee_threshold: null, cost_per_draw: 1 },
      prizes: [prize],
    });
    const drawn = await draw(winner.token, campaignId, 'won');
    assert.equal(drawn.code, 'OK', drawn.message);
    const [{ draw_id }] = drawn.data.draws;
    const claimed = await venue.api<any>('POST', '/lottery/claim', {
      token: winner.token,
      body: { draw_id },
    });
    await eventually(() => {
      const sync = of(winner, 'order').find(({ id }) => id === claimed.data.item_id);
      assert.equal(sync?.change['status'], 'claimed');
    });
    const admin = await venue.login('13800000001');
    const path = `/admin/campaigns/${campaignId}/status`;
    const paused = await venue.api('POST', path, { token: admin.token, body: { status: 'paused' } });
    assert.equal(paused.code, 'OK');
    for (const listener of [winner, other])
      await eventually(() => {
        const sync = of(listener, 'campaign').find(({ id }) => id === campaignId);
        assert.equal(sync?.change['status'], 'paused');
      });
    assert.deepEqual(of(other, 'order'), []);
  });

  it('C-8 people are told of their own profile and of being put on the blacklist', async () => {
    const own = await listen();
    const other = await listen();
    const admin = await venue.login('13800000001');
    await venue.api('PATCH', '/auth/me', { token: own.token, body: { nickname: 'Another' } });
    await eventually(() => assert.equal(last(own, 'user')?.change['nickname'], 'Another'));
    const path = `/admin/blacklist/${own.userId}`;
    await venue.api('PUT', path, { token: admin.token, body: { reason: 'x' } });
    await eventually(() => assert.equal(last(own, 'user')?.change['is_blacklisted'], true));
    await venue.api('DELETE', path, { token: admin.token });
    await eventually(() => assert.equal(last(own, 'user')?.change['is_blacklisted'], false));
    assert.deepEqual(of(other, 'user'), []);
  });

  it('C-8 E-3 a draft is told to those who may edit campaigns, and to nobody else', async () => {
    const admin = await listen('13800000001');
    const diner = await listen();
    const { token } = admin;
    const made = await venue.api<any>('POST', '/admin/campaigns', { token, body: campaignBody() });
    const { campaign_id: id } = made.data;
    await eventually(() => {
      const sync = of(admin, 'campaign').find((one) => one.id === id);
      assert.equal(sync?.change['status'], 'draft');
    });
    assert.deepEqual(
      of(diner, 'campaign').filter((one) => one.id === id),
      [],
    );
  });

  it('C-8 a review is told to those who may decide, and to who asked for it', async () => {
    const admin = await listen('13800000001');
    const sender = await listen('13900000003');
    const diner = await listen();
    const headers = { 'Idempotency-Key': `large-${people}` };
    const body = { to_user_id: diner.userId, amount: 10_000 };
    const sent = await venue.api<any>('POST', '/points/transfer', { token: sender.token, body, headers });
    assert.equal(sent.code, 'OK');
    for (const listener of [admin, sender])
      await eventually(() => assert.equal(last(listener, 'review')?.change['status'], 'review'));
    assert.deepEqual(of(diner, 'review'), []);
  });

  it('RE-10 what is rolled back is told to nobody, and what comes thick is one', async () => {
    const own = await listen();
    await sleep(300);
    own.heard.length = 0;
    const { database } = venue.context;
    const tell = (id: number, change: object) =>
      database.transaction(async (tx) =>
        tellSync(tx, { to: { userIds: [own.userId] }, entity: 'order', id, change: { ...change } }),
      );
    const broken = database.transaction(async (tx) => {
      tellPeople(tx, [own.userId], { entity: 'user', change: { nickname: 'never' } });
      throw new Error('not kept');
    });
    await assert.rejects(broken);
    for (let at = 0; at < 50; at++) await tell(7, { at, [`of_${at % 2}`]: at });
    await eventually(() => assert.equal(last(own, 'order')?.change['at'], 49));
    assert.ok(of(own, 'order').length < 30);
    assert.deepEqual(of(own, 'user'), []);
    for (let id = 1; id <= 2 * LIMITS.waitingSyncs; id++) void tell(id, {});
    await sleep(500);
    const answer = await venue.api('GET', '/notifications/unread-count', { token: own.token });
    assert.equal(answer.code, 'OK');
  });
});
