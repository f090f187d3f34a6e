import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import type { Login } from '../support/server.ts';
import { forEachDatabase } from '../support/databases.ts';
import { ADDRESS, openWinning, type Winning } from './won.ts';

const outcomeOf = ({ status, code, details }: { status: number; code: string; details?: unknown }) => [
  status,
  code,
  (details as { reason?: string } | undefined)?.reason,
];

forEachDatabase('redemption', (_open, openUrl) => {
  let here: Winning;
  let campaignId: number;
  before(async () => {
    here = await openWinning(await openUrl());
    campaignId = await here.campaignOf('coupon');
  });
  after(() => here?.venue.close());

  const shownCoupon = async (campaign = campaignId) => {
    const [draw] = await here.win(campaign);
    const { item_id: itemId } = await here.itemOf(draw!);
    return { draw: draw!, itemId: itemId as number, code: (await here.codeOf(itemId)).data.code as string };
  };
  const pictureOf = (itemId: number) =>
    here.venue.context.itemCodes.pictureOf(
      { inventory_id: itemId, prize_id: 1, coupon_no: null },
      here.clock.nowMs(),
    ).text;

  it('L-9 RL-7 a code redeems once, and whoever comes second is told by whom, where and when', async () => {
    const { draw, itemId, code } = await shownCoupon();
    const { data } = await here.redeem(code.toLowerCase().replaceAll('-', ' '));
    assert.deepEqual(data, {
      item_id: itemId,
      status: 'redeemed',
      name: 'A coupon',
      type: 'coupon',
      value: 88,
      user: data.user,
    });
    assert.match(data.user, /\*/);
    const at = new Date(here.clock.nowMs()).toISOString();
    here.clock.advance(1000);
    const second = await here.redeem(code, here.admin);
    assert.deepEqual([second.status, second.code], [409, 'CONFLICT']);
    const { data: me } = await here.call('GET', '/auth/me', undefined, here.staff);
    assert.deepEqual(second.details, {
      redeemed_by: { user_id: here.staff.userId, nickname: me.nickname },
      redeemed_at: at,
      restaurant_id: null,
    });
    const item = await here.itemOf(draw);
    assert.deepEqual([item.status, item.redeemed_at, item.claimed_at], ['redeemed', at, at]);
    assert.deepEqual(outcomeOf(await here.codeOf(itemId)), [409, 'CONFLICT', 'redeemed']);
    const [row] = await here.audits();
    assert.deepEqual(
      [row!.action, row!.actor_id, row!.target_id, row!.before, row!.after],
      [
        'prize.redeem',
        here.staff.userId,
        String(itemId),
        { status: 'unclaimed' },
        { status: 'redeemed', restaurant_id: null },
      ],
    );
  });

  it('L-9 what was claimed stays claimed when it was', async () => {
    const [drawId] = await here.win(await here.campaignOf('physical'));
    assert.equal((await here.claim(drawId!)).code, 'OK');
    const { item_id: itemId, claimed_at } = await here.itemOf(drawId!);
    here.clock.advance(5000);
    const { code } = (await here.codeOf(itemId)).data;
    assert.equal((await here.redeem(code)).code, 'OK');
    const item = await here.itemOf(drawId!);
    assert.deepEqual(
      [item.claimed_at, item.redeemed_at],
      [claimed_at, new Date(here.clock.nowMs()).toISOString()],
    );
    assert.notEqual(item.claimed_at, item.redeemed_at);
  });

  it('L-9 RL-10 a code that two pools have given redeems both, one after the other, and no third time', async () => {
    const items: number[] = [];
    for (const _ of [1, 2]) {
      const pool = await here.venue.addCampaign({
        campaign: { cost_per_draw: 100, guarantee_threshold: null },
        prizes: [
          { prize_type: 'coupon', code_source: 'pool', win_probability: 100_000_000, total_quantity: null },
        ],
      });
      await here.call('POST', `/admin/prizes/${pool.prizeIds[0]}/coupons`, { codes: ['SAME-CODE'] });
      const [drawId] = await here.win(pool.campaignId);
      const { item_id: itemId } = await here.itemOf(drawId!);
      assert.equal((await here.codeOf(itemId)).data.code, 'SAME-CODE');
      items.push(itemId);
    }
    const redeemed = [await here.redeem('SAME-CODE'), await here.redeem('SAME-CODE')];
    assert.deepEqual(
      redeemed.map(({ data }) => data?.item_id),
      items,
    );
    assert.equal((await here.redeem('SAME-CODE')).code, 'CONFLICT');
  });

  it('L-9 a second call with its key gets the first answer, also when the picture is old by then', async () => {
    const { itemId } = await shownCoupon();
    const picture = pictureOf(itemId);
    const keyed = { headers: { 'Idempotency-Key': 'scan' } };
    const first = await here.redeem(picture, here.staff, {}, keyed);
    here.clock.advance(120_000);
    const again = await here.redeem(picture, here.staff, {}, keyed);
    assert.deepEqual(again.data, first.data);
    assert.equal(again.headers.get('Idempotency-Replayed'), 'true');
    const { code } = await shownCoupon();
    assert.equal((await here.redeem(code, here.staff, {}, keyed)).code, 'IDEMPOTENCY_KEY_REUSED');
  });

  it('RL-8 a picture of a minute ago does not redeem, and the code beneath it does', async () => {
    const { itemId, code } = await shownCoupon();
    const picture = pictureOf(itemId);
    here.clock.advance(60_000);
    assert.deepEqual(outcomeOf(await here.redeem(picture)), [409, 'CONFLICT', 'qr_expired']);
    assert.equal((await here.redeem(code)).code, 'OK');
  });

  it('RL-7 unclaimed, void, expired and of another restaurant are told apart', async () => {
    const physical = await here.campaignOf('physical');
    const [draw] = await here.win(physical);
    const item = await here.itemOf(draw!);
    const unclaimed = outcomeOf(await here.redeem(pictureOf(item.item_id)));
    assert.deepEqual(unclaimed, [409, 'CONFLICT', 'unclaimed']);
    const claimed = (await here.claim(draw!)).data.code as string;
    const voided = await here.call('POST', `/admin/prizes/won/${item.item_id}/void`, { reason: 'a fraud' });
    assert.equal(voided.code, 'OK');
    assert.deepEqual(outcomeOf(await here.redeem(claimed)), [409, 'CONFLICT', 'void']);
    assert.deepEqual(outcomeOf(await here.claim(draw!)), [409, 'CONFLICT', 'void']);

    const short = await here.campaignOf('coupon', { claim_days: 0 });
    const { code } = await shownCoupon(short);
    await here.pass(86_400_000);
    assert.deepEqual(outcomeOf(await here.redeem(code)), [409, 'PRIZE_EXPIRED', undefined]);

    const elsewhere = await here.campaignOf('coupon', { restaurant_ids: [7] });
    const shown = await shownCoupon(elsewhere);
    assert.deepEqual(outcomeOf(await here.redeem(shown.code)), [403, 'FORBIDDEN', 'other_restaurant']);
    const diner = await here.redeem(shown.code, here.diner);
    assert.deepEqual([diner.status, diner.code], [403, 'FORBIDDEN']);
    assert.equal((await here.redeem(shown.code, here.admin)).code, 'OK', 'an admin redeems everywhere');
  });

  it('RL-7 staff redeem for where they work, and say so where that is several', async () => {
    const staff = await here.recruit('staff');
    const path = `/admin/users/${staff.userId}/restaurants`;
    const employ = (restaurant_ids: number[]) => here.call('PUT', path, { restaurant_ids });
    const rows = async () => (await here.audits()).filter(({ action }) => action === 'user.restaurants');
    assert.deepEqual((await employ([8, 7, 7])).data.restaurant_ids, [7, 8]);
    assert.deepEqual((await here.call('GET', path)).data, { user_id: staff.userId, restaurant_ids: [7, 8] });
    assert.equal((await employ([7, 8])).code, 'OK');
    const [row, ...more] = await rows();
    assert.deepEqual(
      [more.length, row!.before, row!.after.restaurant_ids],
      [0, { restaurant_ids: [] }, [7, 8]],
    );
    const nobody = '/admin/users/2000000000/restaurants';
    assert.equal((await here.call('PUT', nobody, { restaurant_ids: [7] })).code, 'NOT_FOUND');
    assert.equal((await here.call('GET', nobody)).code, 'NOT_FOUND');

    const both = await here.campaignOf('coupon', { restaurant_ids: [7, 8] });
    const one = await here.campaignOf('coupon', { restaurant_ids: [8, 9] });
    const { code } = await shownCoupon(both);
    assert.deepEqual(outcomeOf(await here.redeem(code, staff)), [409, 'CONFLICT', 'restaurant_needed']);
    const far = await here.redeem(code, staff, { restaurant_id: 9 });
    assert.deepEqual(outcomeOf(far), [403, 'FORBIDDEN', 'other_restaurant']);
    assert.equal((await here.redeem(code, staff, { restaurant_id: 7 })).code, 'OK');
    const told = (await here.redeem(code, here.admin)).details as any;
    assert.deepEqual([told.restaurant_id, told.redeemed_by.user_id], [7, staff.userId]);
    assert.equal((await here.redeem((await shownCoupon(one)).code, staff)).code, 'OK');
    assert.equal((await here.audits())[0]!.after.restaurant_id, 8);
  });

  it('RL-7 a machine of one restaurant redeems for it alone', async () => {
    const made = await here.call('POST', '/admin/api-keys', {
      name: 'till',
      permissions: ['prizes:redeem'],
      restaurant_id: 7,
    });
    const till = { token: made.data.key as string, userId: -made.data.api_key_id };
    const far = await shownCoupon(await here.campaignOf('coupon', { restaurant_ids: [8] }));
    assert.deepEqual(outcomeOf(await here.redeem(far.code, till)), [403, 'FORBIDDEN', 'other_restaurant']);
    const near = await shownCoupon(await here.campaignOf('coupon', { restaurant_ids: [7] }));
    assert.equal((await here.redeem(near.code, till)).code, 'OK');
    const told = (await here.redeem(near.code, here.admin)).details as any;
    assert.deepEqual([told.restaurant_id, told.redeemed_by], [7, { user_id: till.userId, nickname: null }]);
  });

  it('RL-7 five wrong codes within a minute lock their scanner for a minute, and nobody else', async () => {
    const staff = await here.recruit('staff');
    const { code } = await shownCoupon();
    const swapped = code.slice(0, 2) + code[3] + code[2] + code.slice(4);
    const mistyped = swapped === code ? `${code.slice(0, -1)}${code.endsWith('0') ? '1' : '0'}` : swapped;
    const wrong = async (text: string, reason: string) =>
      assert.deepEqual(outcomeOf(await here.redeem(text, staff)), [404, 'NOT_FOUND', reason]);
    for (const _ of [1, 2, 3, 4]) await wrong(mistyped, 'mistyped');
    here.clock.advance(60_000);
    for (const _ of [1, 2, 3, 4]) await wrong('SAVE-20', 'unknown');
    assert.equal((await here.redeem((await shownCoupon()).code, staff)).code, 'OK');
    await wrong('KJ:1:2:00000000000000000000000000000000', 'unknown');
    const locked = await here.redeem(code, staff);
    assert.deepEqual(
      [locked.status, locked.code, locked.headers.get('retry-after')],
      [429, 'RATE_LIMITED', '60'],
    );
    assert.equal((await here.redeem((await shownCoupon()).code)).code, 'OK', 'another scanner');
    here.clock.advance(59_999);
    assert.equal((await here.redeem(code, staff)).code, 'RATE_LIMITED');
    here.clock.advance(1);
    assert.equal((await here.redeem(code, staff)).code, 'OK');
  });

  it('TIME-1 a clock that is set back does not draw out the minute', async () => {
    const staff = await here.recruit('staff');
    for (let wrong = 0; wrong < 5; wrong++) await here.redeem(`X-${wrong}`, staff);
    const { code } = await shownCoupon();
    assert.equal((await here.redeem(code, staff)).code, 'RATE_LIMITED');
    here.clock.step(-10_000);
    assert.equal((await here.redeem(code, staff)).code, 'OK');
    here.clock.step(10_000);
  });

  it('RL-7 wrong codes that are tried at once are counted all the same', async () => {
    const staff = await here.recruit('staff');
    const tries = await Promise.all(Array.from({ length: 20 }, (_, at) => here.redeem(`X-${at}`, staff)));
    const codes = tries.map(({ code }) => code).sort();
    assert.deepEqual(codes, [...Array(5).fill('NOT_FOUND'), ...Array(15).fill('RATE_LIMITED')]);
  });

  it('RL-7 of two who redeem one code at once one does, and the other is told of it, 200 times', async function () {
    this.timeout(120_000);
    const RACES = 200;
    const others: Login[] = [here.staff, here.admin];
    const draws: number[] = [];
    while (draws.length < RACES) draws.push(...(await here.win(campaignId, 10)));
    const { database } = here.venue.context;
    const rows = await database.readCurrent<{ inventory_id: number }>(
      'SELECT inventory_id FROM user_inventories WHERE draw_id IN (?)',
      [draws],
    );
    let first = 0;
    for (const { inventory_id } of rows) {
      const picture = pictureOf(Number(inventory_id));
      const both = await Promise.all(others.map((by) => here.redeem(picture, by)));
      const winner = both.findIndex(({ code }) => code === 'OK');
      assert.deepEqual(both.map(({ status }) => status).sort(), [200, 409]);
      const told = both[1 - winner]!.details as any;
      assert.equal(told.redeemed_by.user_id, others[winner]!.userId);
      if (winner === 0) first += 1;
    }
    assert.equal(rows.length, RACES);
    const [log] = await database.readCurrent<{ count: number }>(
      `SELECT COUNT(*) AS count FROM admin_audit_logs WHERE action = 'prize.redeem' AND target_id IN (?)`,
      [rows.map(({ inventory_id }) => String(inventory_id))],
    );
    assert.equal(Number(log!.count), RACES);
    assert.ok(first <= RACES);
  });

  it('L-9 what is sent goes forwards only, and is redeemed when it arrives', async () => {
    const physical = await here.campaignOf('physical');
    const [draw, fetched] = await here.win(physical, 2);
    const { data } = await here.claim(draw!, { delivery_info: ADDRESS });
    const path = `/admin/deliveries/${data.item_id}`;
    const move = (body: object) => here.call('PUT', path, body);
    const list = await here.call('GET', '/admin/deliveries?status=requested');
    assert.equal(list.data.items[0].item_id, data.item_id);
    assert.ok(!JSON.stringify(list.data).includes(ADDRESS.phone));
    const { data: full } = await here.call('GET', path);
    assert.deepEqual(
      [full.recipient, full.phone, full.address],
      [ADDRESS.name, ADDRESS.phone, ADDRESS.address],
    );
    assert.equal((await move({ status: 'preparing' })).code, 'OK');
    assert.equal((await move({ status: 'shipped', carrier: 'SF', tracking_no: 'SF-1' })).code, 'OK');
    assert.deepEqual(outcomeOf(await move({ status: 'preparing' })), [409, 'CONFLICT', 'backwards']);
    assert.deepEqual(outcomeOf(await here.redeem(data.code)), [409, 'CONFLICT', 'shipped']);
    assert.equal((await move({ status: 'shipped', tracking_no: 'SF-2' })).data.tracking_no, 'SF-2');
    assert.equal((await move({ status: 'delivered' })).code, 'OK');
    const item = await here.itemOf(draw!);
    assert.deepEqual(
      [item.status, item.delivery.status, item.delivery.tracking_no],
      ['redeemed', 'delivered', 'SF-2'],
    );
    assert.deepEqual(outcomeOf(await move({ status: 'delivered' })), [409, 'CONFLICT', 'redeemed']);
    assert.ok(!JSON.stringify(await here.audits()).includes(ADDRESS.address), 'the log has no addresses');

    const other = await here.claim(fetched!, { delivery_info: ADDRESS });
    assert.equal((await here.redeem(other.data.code)).code, 'OK');
    assert.equal((await here.itemOf(fetched!)).delivery.status, 'collected');
    const late = await here.call('PUT', `/admin/deliveries/${other.data.item_id}`, { status: 'shipped' });
    assert.deepEqual(outcomeOf(late), [409, 'CONFLICT', 'redeemed']);
    const types = await here.venue.context.database.readCurrent<{ event_type: string; n: number }>(
      `SELECT event_type, COUNT(*) AS n FROM business_events WHERE event_type LIKE 'lottery:prize_%'
       AND event_data LIKE ? GROUP BY event_type ORDER BY event_type`,
      [`%"item_id":${data.item_id},%`],
    );
    assert.deepEqual(
      types.map(({ event_type, n }) => [event_type, Number(n)]),
      [
        ['lottery:prize_claimed', 1],
        ['lottery:prize_distributed', 1],
        ['lottery:prize_redeemed', 1],
        ['lottery:prize_shipped', 1],
      ],
    );
  });
});
