import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import { forEachDatabase } from '../support/databases.ts';
import { completed } from '../platform/events/relays.ts';
import { eventually } from '../support/seat.ts';
import { openVenue, type Venue } from '../support/venue.ts';

interface Told {
  id: number;
  kind: string;
  type: string;
  title: string;
  body: string;
  data: Record<string, any>;
  is_read: boolean;
}

forEachDatabase('what people are told', (_open, openUrl) => {
  let venue: Venue;
  let people = 0;
  let own: { token: string; userId: number };
  before(async () => {
    venue = await openVenue(await openUrl());
  });
  after(() => venue?.close());
  beforeEach('somebody new', async () => {
    own = await venue.login(`139000011${String(++people).padStart(2, '0')}`);
    // Points of the first login.
    await eventually(async () => assert.equal((await told()).length, 1));
    await read({ up_to_id: 1 });
  });

  const told = async (query = '', headers = {}): Promise<Told[]> => {
    const { token } = own;
    const path = `/notifications?limit=50${query}`;
    const { data } = await venue.api<{ items: Told[] }>('GET', path, { token, headers });
    return data.items;
  };
  const unread = async () => {
    const { data } = await venue.api<{ unread: number }>('GET', '/notifications/unread-count', {
      token: own.token,
    });
    return data.unread;
  };
  const read = async (body: object) => {
    const { data } = await venue.api<{ unread: number }>('POST', '/notifications/read', {
      token: own.token,
      body,
    });
    return data.unread;
  };
  const draw = async (campaignId: number, requestId: string) => {
    const body = { campaign_id: campaignId, request_id: requestId, draw_count: 3 };
    const answer = await venue.api<any>('POST', '/lottery/draw', { token: own.token, body });
    assert.equal(answer.code, 'OK');
    return answer.data.draws as { draw_id: number }[];
  };

  it('C-7 a request of draws brings one of kind points, and of what it has won one of kind lottery', async () => {
    const prize = { win_probability: 100_000_000, total_quantity: 5 } as const;
    const { campaignId } = await venue.addCampaign({
      campaign: { guarantee_threshold: null, cost_per_draw: 2_00 },
      prizes: [prize],
    });
    const draws = await draw(campaignId, 'first');
    await eventually(async () => assert.equal((await told()).length, 3));
    const [won, paid] = (await told()) as [Told, Told];
    assert.deepEqual(
      [won.kind, won.type, paid.kind, paid.type],
      ['lottery', 'draw_won', 'points', 'draw_paid'],
    );
    assert.deepEqual(
      won.data['draw_ids'],
      draws.map(({ draw_id: id }) => id),
    );
    assert.equal(won.data['request_id'], 'first');
    assert.equal(typeof paid.data['amount'], 'number');
    assert.match(paid.body, /3.*6|6.*3/);
    assert.equal(await unread(), 2);
    await draw(campaignId, 'second');
    await eventually(async () => assert.equal(await unread(), 4));
    const all = await told();
    assert.deepEqual(
      all.map(({ id }) => id),
      [5, 4, 3, 2, 1],
    );
    assert.equal(
      new Set(all.map(({ kind, type, data }) => JSON.stringify([kind, type, data]))).size,
      all.length,
    );
  });

  it('C-7 whoever claims a prize is invited to share it, unless they want to hear nothing of the lottery', async () => {
    const prize = { prize_type: 'coupon', win_probability: 100_000_000, total_quantity: 5 } as const;
    const { campaignId } = await venue.addCampaign({
      campaign: { guarantee_threshold: null, cost_per_draw: 2_00 },
      prizes: [prize],
    });
    const { token } = own;
    const draws = await draw(campaignId, 'to-share');
    const claim = async (at: number) => {
      const body = { draw_id: draws[at]!.draw_id };
      const answer = await venue.api<any>('POST', '/lottery/claim', { token, body });
      assert.equal(answer.code, 'OK');
      return answer.data.item_id as number;
    };
    const itemId = await claim(0);
    await eventually(async () => assert.equal((await told()).length, 5));
    const [share, claimed] = (await told()) as [Told, Told];
    assert.deepEqual([share.kind, share.type, claimed.type], ['lottery', 'share', 'prize_claimed']);
    assert.deepEqual([share.data['item_id'], share.data['campaign_id']], [itemId, campaignId]);
    assert.match(share.body, /分享/);
    const [english] = await told('', { 'Accept-Language': 'en' });
    assert.match(english!.body, /tell your friends/);
    // Of the win itself there is one of that kind.
    const won = (await told()).filter(({ data }) => 'draw_ids' in data);
    assert.deepEqual(
      won.map(({ kind, type }) => [kind, type]),
      [['lottery', 'draw_won']],
    );
    const path = '/notifications/preferences';
    const { data } = await venue.api<any>('GET', path, { token });
    assert.equal((await venue.api('PUT', path, { token, body: { ...data, lottery: false } })).code, 'OK');
    await claim(1);
    const headers = { 'Idempotency-Key': `after-${people}` };
    await venue.api('POST', '/points/consume', { token, body: { amount: 1, reason: 'x' }, headers });
    await eventually(async () => assert.equal((await told()).length, 6));
    assert.equal((await told())[0]!.type, 'consumed');
  });

  it('C-7 points that are spent are told of in the language of whoever asks', async () => {
    const spend = { amount: 1, reason: '茶', related_id: 'tea' };
    const headers = { 'Idempotency-Key': `tea-${people}` };
    await venue.api('POST', '/points/consume', { token: own.token, body: spend, headers });
    await eventually(async () => assert.equal(await unread(), 1));
    const [chinese] = await told('&unread=true');
    const [english] = await told('&unread=true', { 'Accept-Language': 'en' });
    assert.match(chinese!.title, /积分消费/);
    assert.match(english!.title, /Points spent/);
    assert.deepEqual([english!.kind, english!.data['amount'], english!.is_read], ['points', 1, false]);
    assert.ok(!('user_id' in english!.data));
  });

  it('RC-12 marking all read up to one leaves what came after it', async () => {
    for (const key of ['a', 'b', 'c']) {
      const headers = { 'Idempotency-Key': `${key}-${people}` };
      await venue.api('POST', '/points/consume', {
        token: own.token,
        body: { amount: 1, reason: key },
        headers,
      });
    }
    await eventually(async () => assert.equal(await unread(), 3));
    assert.equal(await read({ up_to_id: 3 }), 1);
    assert.deepEqual(
      (await told('&unread=true')).map(({ id }) => id),
      [4],
    );
    assert.equal(await read({ ids: [4] }), 0);
    for (const body of [{}, { ids: [] }, { ids: [1], up_to_id: 1 }, { up_to_id: 0 }]) {
      const answer = await venue.api('POST', '/notifications/read', { token: own.token, body });
      assert.equal(answer.code, 'VALIDATION_FAILED');
    }
  });

  it('RC-11 what somebody does not want to be told is not kept for later', async () => {
    const { token } = own;
    const path = '/notifications/preferences';
    const { data } = await venue.api<any>('GET', path, { token });
    assert.equal((await venue.api('PUT', path, { token, body: { ...data, points: false } })).code, 'OK');
    const headers = { 'Idempotency-Key': `none-${people}` };
    await venue.api('POST', '/points/consume', { token, body: { amount: 1, reason: 'x' }, headers });
    await completed(venue.context.database);
    assert.equal(await unread(), 0);
    await venue.api('PUT', path, { token, body: data });
    assert.equal(await unread(), 0);
    const quiet = { ...data, quiet_hours: { from: '22:00', to: '22:00' } };
    assert.equal((await venue.api('PUT', path, { token, body: quiet })).code, 'VALIDATION_FAILED');
  });

  it('RC-13 an administrator tells somebody something in both languages, and sees that it has arrived', async () => {
    const { token } = await venue.login('13800000001');
    const send = {
      ...{ user_ids: [own.userId], kind: 'activity', type: 'offer', data: { dish: 'soup' } },
      ...{ title: { 'zh-CN': '特价', en: 'Offer' }, body: { 'zh-CN': '汤 8 折', en: 'Soup for less' } },
    };
    const path = '/admin/notifications';
    const headers = { 'Idempotency-Key': `soup-${people}` };
    const sent = await venue.api<any>('POST', path, { token, body: send, headers });
    assert.equal(sent.status, 202);
    const again = await venue.api<any>('POST', path, { token, body: send, headers });
    assert.equal(again.data.broadcast_id, sent.data.broadcast_id);
    await eventually(async () => assert.equal(await unread(), 1));
    const [chinese] = await told('&unread=true');
    const [english] = await told('&unread=true', { 'Accept-Language': 'en' });
    assert.deepEqual([chinese!.title, chinese!.body], ['特价', '汤 8 折']);
    assert.deepEqual([english!.title, english!.body, english!.kind], ['Offer', 'Soup for less', 'activity']);
    assert.equal(english!.data['dish'], 'soup');
    await eventually(async () => {
      const { data } = await venue.api<any>('GET', `${path}/${sent.data.broadcast_id}`, { token });
      assert.deepEqual([data.status, data.progress, data.sent], ['completed', 1, 1]);
    });
    for (const wrong of [
      { ...send, all: true },
      { ...send, kind: 'system' },
      { ...send, user_ids: [] },
    ])
      assert.equal((await venue.api('POST', path, { token, body: wrong })).code, 'VALIDATION_FAILED');
    const diner = await venue.api('POST', path, { token: own.token, body: send });
    assert.equal(diner.code, 'FORBIDDEN');
  });

  it('A-11 whoever leaves takes with them what they were told', async () => {
    const { token, userId } = own;
    const all = { system: true, activity: false, lottery: true, points: true, quiet_hours: null };
    await venue.api('PUT', '/notifications/preferences', { token, body: all });
    const left = await venue.api('DELETE', '/auth/me', { token, body: { code: '123456' } });
    assert.equal(left.code, 'OK');
    for (const table of ['notifications', 'notification_preferences']) {
      const rows = await venue.context.database.read(`SELECT 1 FROM ${table} WHERE user_id = ?`, [userId]);
      assert.deepEqual(rows, [], table);
    }
  });
});
