import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import { forEachDatabase } from '../support/databases.ts';
import { ADDRESS, openWinning, type Winning } from './won.ts';

const DAY_MS = 86_400_000;
const outcomeOf = ({ status, code }: { status: number; code: string }) => [status, code];

forEachDatabase('won prizes', (_open, openUrl) => {
  let here: Winning;
  let other: Awaited<ReturnType<Winning['recruit']>>;
  before(async () => {
    here = await openWinning(await openUrl());
    other = await here.recruit();
  });
  after(() => here?.venue.close());

  it('L-9 what a draw gives is listed unclaimed, newest first and in pages, until the end of a business day', async () => {
    const campaignId = await here.campaignOf('physical', { claim_days: 7 });
    const draws = await here.win(campaignId, 3);
    const { data } = await here.call('GET', '/lottery/my-prizes?limit=2', undefined, here.diner);
    assert.deepEqual([data.page, data.limit, data.total], [1, 2, 3]);
    assert.deepEqual(
      data.items.map(({ draw_id }: any) => draw_id),
      draws.toReversed().slice(0, 2),
    );
    const { item_id: itemId, won_at: wonAt, ...item } = data.items[0];
    assert.ok(itemId > 0);
    assert.equal(wonAt, new Date(here.clock.nowMs()).toISOString());
    assert.deepEqual(item, {
      draw_id: draws[2],
      campaign_id: campaignId,
      name: 'A physical',
      type: 'physical',
      value: 88,
      image_url: null,
      status: 'unclaimed',
      // Won on 1 March at noon in Shanghai; to be claimed on the 8th at the latest.
      expires_at: '2026-03-08T16:00:00.000Z',
      claimed_at: null,
      redeemed_at: null,
      redeemed_restaurant_id: null,
      delivery: null,
      rating: null,
    });
    const none = await here.call('GET', '/lottery/my-prizes?status=claimed', undefined, here.diner);
    assert.equal(none.data.total, 0);
    const others = await here.call('GET', '/lottery/my-prizes', undefined, other);
    assert.equal(others.data.total, 0);
  });

  it('L-9 a prize is claimed once, by whoever has won it, and then has no end and a code', async () => {
    const campaignId = await here.campaignOf('physical', { claim_days: 1 });
    const [draw] = await here.win(campaignId);
    assert.deepEqual(outcomeOf(await here.claim(draw!, {}, other)), [404, 'NOT_FOUND']);
    assert.deepEqual(outcomeOf(await here.claim(draw! + 1)), [404, 'NOT_FOUND']);
    const item = await here.itemOf(draw!);
    assert.deepEqual(outcomeOf(await here.codeOf(item.item_id)), [409, 'CONFLICT']);
    const { data } = await here.claim(draw!, { delivery_info: ADDRESS });
    assert.deepEqual({ ...data, code: '' }, { item_id: item.item_id, status: 'claimed', code: '' });
    assert.match(data.code, /^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$/);
    assert.deepEqual(outcomeOf(await here.claim(draw!)), [409, 'PRIZE_ALREADY_CLAIMED']);
    const claimed = await here.itemOf(draw!);
    assert.deepEqual([claimed.status, claimed.expires_at], ['claimed', null]);
    assert.equal(claimed.claimed_at, new Date(here.clock.nowMs()).toISOString());
    assert.deepEqual(claimed.delivery, {
      ...ADDRESS,
      status: 'requested',
      carrier: null,
      tracking_no: null,
      updated_at: claimed.claimed_at,
    });
    const shown = await here.codeOf(item.item_id);
    assert.equal(shown.data.code, data.code);
    assert.match(shown.data.qr_svg, /^<svg /);
    const aheadMs = Date.parse(shown.data.valid_until) - here.clock.nowMs();
    assert.ok(aheadMs > 0 && aheadMs <= 60_000);
    assert.deepEqual(outcomeOf(await here.codeOf(item.item_id, other)), [404, 'NOT_FOUND']);
    await here.pass(3 * DAY_MS);
    assert.equal((await here.codeOf(item.item_id)).data.code, data.code);
  });

  it('L-9 a second call with its key gets the first answer, and no code is kept in clear', async () => {
    const [draw] = await here.win(await here.campaignOf('virtual'));
    const claim = () => here.claim(draw!, { delivery_info: { pickup: true } }, here.diner, key('claim'));
    const first = await claim();
    const again = await claim();
    assert.deepEqual(again.data, first.data);
    assert.equal(again.headers.get('Idempotency-Replayed'), 'true');
    const { database } = here.venue.context;
    const kept = await database.read('SELECT * FROM idempotency_records');
    const codes = await database.read('SELECT * FROM inventory_codes');
    const text = JSON.stringify([kept, codes]).toUpperCase();
    for (const code of [first.data.code, first.data.code.replaceAll('-', '')])
      assert.ok(!text.includes(code), 'a code is stored in clear');
    assert.equal((await here.itemOf(draw!)).delivery, null);
  });

  it('L-9 a coupon has its code without a claim, and the same one after it', async () => {
    const [draw] = await here.win(await here.campaignOf('coupon'));
    const item = await here.itemOf(draw!);
    const before = await here.codeOf(item.item_id);
    assert.equal(before.code, 'OK');
    assert.equal((await here.claim(draw!)).data.code, before.data.code);
    assert.equal((await here.codeOf(item.item_id)).data.code, before.data.code);
  });

  it('L-9 RL-9 from its end on a prize cannot be claimed, nor its code be shown', async () => {
    const campaignId = await here.campaignOf('coupon', { claim_days: 0 });
    const [early, late] = await here.win(campaignId, 2);
    const { expires_at: end, item_id: itemId } = await here.itemOf(late!);
    await here.pass(Date.parse(end) - 1 - here.clock.nowMs());
    assert.equal((await here.claim(early!)).code, 'OK');
    here.clock.advance(1);
    assert.deepEqual(outcomeOf(await here.claim(late!)), [409, 'PRIZE_EXPIRED']);
    assert.deepEqual(outcomeOf(await here.codeOf(itemId)), [409, 'PRIZE_EXPIRED']);
  });

  it('L-9 points are no item, and bad delivery data are refused with nothing changed', async () => {
    const [points] = await here.win(await here.campaignOf('points'));
    assert.deepEqual(outcomeOf(await here.claim(points!)), [404, 'NOT_FOUND']);
    const [draw] = await here.win(await here.campaignOf('physical'));
    const bad = [
      { ...ADDRESS, phone: 'soon' },
      { ...ADDRESS, name: '' },
      { ...ADDRESS, address: 'x'.repeat(257) },
      { ...ADDRESS, pickup: true },
      { name: ADDRESS.name },
      { pickup: false },
      {},
    ];
    for (const delivery_info of bad)
      assert.deepEqual(outcomeOf(await here.claim(draw!, { delivery_info })), [400, 'VALIDATION_FAILED']);
    assert.equal((await here.itemOf(draw!)).status, 'unclaimed');
  });

  it('L-9 RL-10 a coupon of a pool brings the code that was uploaded, which redeems', async () => {
    const prize = {
      prize_type: 'coupon',
      code_source: 'pool',
      win_probability: 100_000_000,
      total_quantity: 9,
    } as const;
    const { campaignId, prizeIds } = await here.venue.addCampaign({
      campaign: { guarantee_threshold: null, cost_per_draw: 100 },
      prizes: [prize],
    });
    const codes = ['Save-20', 'save-20'];
    assert.equal((await here.call('POST', `/admin/prizes/${prizeIds[0]}/coupons`, { codes })).code, 'OK');
    const [draw] = await here.win(campaignId, 2);
    const { item_id: itemId } = await here.itemOf(draw!);
    const { code } = (await here.codeOf(itemId)).data;
    assert.equal(code, codes[0]);
    assert.equal((await here.claim(draw!)).data.code, code);
    assert.equal((await here.redeem(codes[1]!)).code, 'NOT_FOUND', 'nobody was shown it');
    assert.equal((await here.redeem(` ${code} `)).data.item_id, itemId);
  });

  it('A-11 who has won gets all of it in their copy; who leaves takes their address along and nothing else', async () => {
    const leaver = await here.recruit();
    const campaignId = await here.campaignOf('physical', { cost_per_draw: 0 });
    const [draw] = await here.win(campaignId, 1, leaver);
    const { data } = await here.claim(draw!, { delivery_info: ADDRESS }, leaver);
    const copy = await here.call('GET', '/auth/export', undefined, leaver);
    const [item] = copy.data.items.items;
    assert.deepEqual([item.item_id, item.status], [data.item_id, 'claimed']);
    assert.deepEqual(
      [item.delivery.name, item.delivery.phone, item.delivery.address],
      [ADDRESS.name, ADDRESS.phone, ADDRESS.address],
    );
    const closed = await here.call('DELETE', '/auth/me', { code: '123456' }, leaver);
    assert.equal(closed.code, 'OK');
    const kept = await here.call('GET', `/admin/deliveries/${data.item_id}`);
    assert.deepEqual([kept.data.recipient, kept.data.phone, kept.data.address], [null, null, null]);
    assert.equal((await here.redeem(data.code)).code, 'OK');
    const { database } = here.venue.context;
    const rows = await database.read('SELECT * FROM inventory_deliveries WHERE inventory_id = ?', [
      data.item_id,
    ]);
    assert.ok(!JSON.stringify(rows).includes(ADDRESS.address));
  });

  it('L-9 what was given is rated once, and nothing before', async () => {
    const [draw] = await here.win(await here.campaignOf('coupon'));
    const { item_id: itemId } = await here.itemOf(draw!);
    const rate = (rating: number, by = here.diner) =>
      here.call('POST', `/lottery/my-prizes/${itemId}/rating`, { rating }, by);
    assert.deepEqual(outcomeOf(await rate(5)), [409, 'CONFLICT']);
    assert.equal((await here.redeem((await here.codeOf(itemId)).data.code)).code, 'OK');
    assert.deepEqual(outcomeOf(await rate(6)), [400, 'VALIDATION_FAILED']);
    assert.deepEqual(outcomeOf(await rate(4, other)), [404, 'NOT_FOUND']);
    assert.equal((await rate(4)).code, 'OK');
    assert.deepEqual(outcomeOf(await rate(5)), [409, 'CONFLICT']);
    assert.equal((await here.itemOf(draw!)).rating, 4);
  });
});

const key = (text: string) => ({ headers: { 'Idempotency-Key': text } });
