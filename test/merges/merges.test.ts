import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import { ImportedMember } from '../../entities/identity/ImportedMember.ts';
import { insertAll } from '../../src/platform/database/bulk.ts';
import { forEachDatabase } from '../support/databases.ts';
import { eventually } from '../support/seat.ts';
import { ADDRESS } from '../inventory/won.ts';
import { detailsOf, ok, openMerging, outcomeOf, type Account, type Merging } from './merging.ts';

const DAY_MS = 86_400_000;

forEachDatabase('merges of accounts', (_open, openUrl) => {
  let here: Merging;
  let productId: number;
  let keys = 0;
  before(async function () {
    this.timeout(60_000);
    here = await openMerging(await openUrl(), {
      POINTS_TRANSFER_REVIEW: '1000',
      POINTS_TRANSFERS_PER_DAY: '1000',
      TRADE_ESCROW_HOURS: '24',
    });
    const body = { name: '礼品卡', price: 10, stock: 1000 };
    productId = ok(await here.call('POST', '/admin/products', body, here.admin)).data.product_id;
  });
  after(() => here?.venue.close());

  const two = async (points = 500): Promise<{ old: Account; young: Account }> => {
    const [old, young] = [await here.recruit(), await here.recruit()];
    if (points > 0) await here.earn(old, points);
    return { old, young };
  };
  const post = (path: string, by: { token: string; userId: number }, body?: object) =>
    here.call('POST', path, body, by, { headers: { 'Idempotency-Key': `merge-${++keys}` } });
  const exchange = async (by: Account): Promise<number> => {
    const body = { quantity: 1, expected_price: 10, version: 1 };
    return ok(await post(`/products/${productId}/exchange`, by, body)).data.item_ids[0];
  };

  it('R-2 what one account had is the other one’s once the person has confirmed by both', async () => {
    const { old, young } = await two(0);
    const ends = new Date(here.clock.nowMs() + 10 * DAY_MS).toISOString();
    await here.earn(old, 700.55, { expires_at: ends });
    await here.earn(old, 400);
    await here.earn(young, 20);
    const campaign = await here.campaignOf('physical', { cost_per_draw: 100_00 });
    const [claimed, unclaimed] = (await here.win(campaign, 2, old)) as [number, number];
    ok(await here.claim(claimed, { delivery_info: ADDRESS }, old));
    const itemId = await exchange(old);
    const { code: shown } = ok(await here.call('GET', `/inventory/${itemId}/code`, undefined, old)).data;
    const before = await here.accountOf(old);
    const mine = await here.accountOf(young);

    const asked = ok(await here.ask(old, young));
    assert.deepEqual([asked.status, asked.data.status, asked.data.blockers], [202, 'pending', []]);
    assert.deepEqual(
      [asked.data.from.user_id, asked.data.into.user_id, asked.data.from.mobile],
      [old.userId, young.userId, `${old.mobile.slice(0, 3)}****${old.mobile.slice(-4)}`],
    );
    const mergeId: number = asked.data.merge_id;
    for (const by of [old, young])
      await eventually(async () => {
        const { data } = await here.call('GET', '/notifications?kind=system', undefined, by);
        assert.ok(data.items.some((one: any) => one.type === 'merge_requested'));
      });
    const { data: own } = ok(await here.call('GET', '/auth/merges', undefined, young));
    assert.deepEqual(
      [own.items[0].side, own.items[0].confirmed_by_me, own.items[0].points],
      ['into', false, null],
    );
    assert.equal((await here.confirm(mergeId, young, '000000')).code, 'CODE_INVALID');
    assert.equal(ok(await here.confirm(mergeId, young)).data.confirmed_by_me, true);
    // An answer that was lost is asked for again, with whatever code.
    assert.equal(ok(await here.confirm(mergeId, young, '000000')).data.status, 'pending');
    const done = ok(await here.confirm(mergeId, old)).data;
    assert.deepEqual([done.status, done.side, done.points, done.items], ['done', 'from', 890.55, 3]);

    assert.equal((await here.call('GET', '/auth/me', undefined, old)).code, 'TOKEN_REVOKED');
    assert.equal(ok(await here.confirm(mergeId, young)).data.status, 'done');
    const account = await here.accountOf(young);
    assert.equal(account.available_points, 20 + before.available_points);
    assert.equal(account.experience_points, before.experience_points + mine.experience_points);
    assert.equal(account.history_total_points, mine.history_total_points, 'nothing was earned');
    const expiring = ok(await here.call('GET', '/points/expiring?days=60', undefined, young)).data;
    assert.equal(expiring.items.length, 1);
    assert.equal(expiring.items[0].amount, 490.55, 'the draws and the exchange took of what ends first');
    const statistics = ok(await here.call('GET', '/points/statistics?period=day', undefined, young)).data;
    assert.deepEqual([statistics.income, statistics.expense], [20, 0]);

    const { data: owned } = ok(await here.call('GET', '/inventory?limit=100', undefined, young));
    assert.deepEqual(owned.items.map((item: any) => [item.source, item.status]).sort(), [
      ['exchange', 'available'],
      ['lottery', 'claimed'],
      ['lottery', 'unclaimed'],
    ]);
    assert.equal((await here.itemOf(claimed, young)).delivery.name, ADDRESS.name);
    assert.equal((await here.redeem(shown)).code, 'NOT_FOUND', 'whoever has the old phone has no code');
    const now = ok(await here.call('GET', `/inventory/${itemId}/code`, undefined, young)).data;
    assert.notEqual(now.code, shown);
    assert.equal(ok(await here.redeem(now.code)).data.status, 'redeemed');
    ok(await here.claim(unclaimed, {}, young));
    await here.balances();
  }).timeout(60_000);

  it('R-2 RA-2 it is in the log of both, and tells of itself', async () => {
    const { old, young } = await two();
    const mergeId = await here.merge(old, young);
    const audits = (await here.audits()).filter(({ action }) => action.startsWith('user.merge'));
    assert.deepEqual(
      audits.slice(0, 3).map(({ action, target_id: id }) => [action, Number(id)]),
      [
        ['user.merge', young.userId],
        ['user.merge', old.userId],
        ['user.merge_request', old.userId],
      ],
    );
    assert.deepEqual(audits[0]!.after, {
      available_points: 500,
      from_user_id: old.userId,
      merge_id: mergeId,
      points: 500,
      items: 0,
    });
    const events = await here.rows(
      `SELECT user_id, event_data FROM business_events WHERE event_type = 'user:merged'`,
    );
    assert.deepEqual(
      events.map(({ user_id, event_data }) => [user_id, JSON.parse(event_data).merge_id]).at(-1),
      [young.userId, mergeId],
    );
    await eventually(async () => {
      const { data } = await here.call('GET', '/notifications?kind=system', undefined, young);
      assert.ok(data.items.some((one: any) => one.type === 'merged' && one.body.includes('500')));
    });
    const { data } = ok(await here.call('GET', `/admin/users/${old.userId}/merges`, undefined, here.admin));
    assert.deepEqual([data.items[0].status, data.items[0].from.mobile], ['done', null]);
  });

  it('R-2 the number is free again, and leads to somebody new', async () => {
    const { old, young } = await two();
    await here.merge(old, young);
    const anew = await here.venue.login(old.mobile);
    assert.notEqual(anew.userId, old.userId);
    assert.deepEqual(ok(await here.call('GET', '/auth/merges', undefined, anew)).data.items, []);
  });

  it('R-2 R-10 what another system called the old account is the other one’s, and is never imported again', async () => {
    const { old, young } = await two();
    const { database } = here.venue.context;
    const row = {
      external_hash: 'ab'.repeat(32),
      external_id: 'A-4711',
      user_id: old.userId,
      import_id: 1,
      points: 0,
      created_at: new Date(here.clock.nowMs()),
    };
    await database.transaction((tx) => insertAll(tx, ImportedMember, [row]));
    await here.merge(old, young);
    const { data } = ok(await here.call('GET', '/auth/export', undefined, young));
    assert.equal(data.profile.external_id, 'A-4711');
    assert.equal(data.merges.items.length, 1);
    ok(await here.call('DELETE', '/auth/me', { code: '123456' }, young));
    const kept = await here.rows('SELECT external_id FROM imported_members WHERE user_id = ?', old.userId);
    assert.deepEqual(kept, [{ external_id: null }]);
  });

  it('R-2 it is refused for staff, for oneself, for the same account, and while another one waits', async () => {
    const { old, young } = await two();
    const refused = async (answer: ReturnType<typeof here.ask>, outcome: unknown[]) =>
      assert.deepEqual(outcomeOf(await answer), outcome);
    await refused(here.ask(old, old), [400, 'VALIDATION_FAILED', undefined]);
    await refused(here.ask(here.admin, young), [403, 'FORBIDDEN', undefined]);
    await refused(here.ask(old, young, {}, here.staff), [403, 'FORBIDDEN', undefined]);
    await refused(here.ask(old, young, {}, young), [403, 'FORBIDDEN', undefined]);
    await refused(here.ask(here.staff, young), [409, 'CONFLICT', 'blocked']);
    await refused(here.ask({ ...old, userId: 999_999 }, young), [404, 'NOT_FOUND', undefined]);
    const { merge_id: mergeId } = ok(await here.ask(old, young)).data;
    assert.equal(ok(await here.ask(old, young, {}, here.superAdmin)).data.merge_id, mergeId, 'twice is once');
    await refused(here.ask(young, old), [409, 'CONFLICT', 'in_another_merge']);
    const third = await here.recruit();
    await refused(here.ask(third, young), [409, 'CONFLICT', 'in_another_merge']);
    assert.equal((await here.confirm(mergeId, third)).code, 'NOT_FOUND');
    assert.equal((await here.confirm(999_999, third)).code, 'NOT_FOUND');
    assert.equal((await post(`/auth/merges/${mergeId}/decline`, third)).code, 'NOT_FOUND');
    assert.equal(ok(await post(`/auth/merges/${mergeId}/decline`, old)).data.status, 'declined');
    assert.equal(ok(await post(`/auth/merges/${mergeId}/decline`, old)).data.status, 'declined');
    await refused(here.confirm(mergeId, young), [409, 'CONFLICT', 'over']);
    const again = ok(await here.ask(old, young)).data.merge_id;
    const cancelled = await post(`/admin/merges/${again}/cancel`, here.admin, { reason: '顾客不再需要' });
    assert.equal(ok(cancelled).data.status, 'cancelled');
    ok(await post(`/admin/users/${old.userId}/status`, here.admin, { status: 'disabled', reason: '核查' }));
    assert.deepEqual(detailsOf(await here.ask(old, young)).blockers, ['not_active']);
  });

  it('R-2 it waits until nothing is open that somebody else decides', async () => {
    const { old, young } = await two(3000);
    const other = await here.recruit();
    const itemId = await exchange(old);
    const trade = ok(await post('/trades', old, { item_id: itemId, price: 5 })).data;
    await here.earn(other, 100);
    ok(await post(`/trades/${trade.trade_id}/buy`, other, { expected_price: 5, version: 1 }));
    ok(await post('/points/transfer', old, { to_user_id: other.userId, amount: 1000 }));
    const { merge_id: mergeId, blockers } = ok(await here.ask(old, young)).data;
    assert.deepEqual(blockers, ['frozen_points', 'trades', 'transfers']);
    ok(await post(`/auth/merges/${mergeId}/decline`, young));
    const offered = ok(await post('/trades', old, { item_id: await exchange(old), price: 5 })).data;
    const asked = ok(await here.ask(old, young)).data.merge_id;
    const refused = await here.confirm(asked, old);
    assert.deepEqual(outcomeOf(refused), [409, 'CONFLICT', 'blocked']);
    assert.deepEqual(detailsOf(refused).blockers, ['frozen_points', 'trades', 'transfers']);
    ok(await post(`/trades/${trade.trade_id}/settle`, other));
    const { data } = await here.call('GET', '/admin/points/transfers?status=review', undefined, here.admin);
    const transfer = data.items[0].transfer_id;
    ok(await post(`/admin/points/transfers/${transfer}/reject`, here.admin, { reason: '核查' }));
    ok(await here.confirm(asked, old));
    assert.equal(ok(await here.confirm(asked, young)).data.items, 1, 'what was only offered is taken back');
    const read = await here.call('GET', `/trades/${offered.trade_id}`, undefined, young);
    assert.equal(read.data.status, 'cancelled');
    await here.balances();
  });

  it('R-2 nobody draws, gives or is granted more by a merge, and nobody is rid of a ban by one', async () => {
    const { old, young } = await two(5000);
    await here.earn(young, 500);
    const campaign = await here.campaignOf('virtual', {
      draws_per_user_per_day: 5,
      free_draws_per_day: 2,
      wins_per_user: 7,
    });
    await here.win(campaign, 3, old);
    await here.win(campaign, 1, young);
    await here.merge(old, young);
    const draw = (draw_count: number) =>
      here.call(
        'POST',
        '/lottery/draw',
        { campaign_id: campaign, draw_count, request_id: `d-${++keys}` },
        young,
      );
    const refused = await draw(2);
    assert.deepEqual([refused.code, detailsOf(refused)], ['DRAW_LIMIT_REACHED', { draws_left_today: 1 }]);
    const before = (await here.accountOf(young)).available_points;
    const drawn = ok(await draw(1)).data;
    assert.deepEqual([drawn.draws_left_today, drawn.free_draws_left_today], [0, 0]);
    assert.equal(before - (await here.accountOf(young)).available_points, 1, 'the free draws were had');
    await here.pass(DAY_MS, young);
    ok(await draw(2));
    const wins = await draw(1);
    assert.deepEqual([wins.code, detailsOf(wins)], ['DRAW_LIMIT_REACHED', { wins_left: 0 }]);

    const { old: banned, young: fresh } = await two();
    const blacklisting = { reason: '倒卖奖品' };
    ok(await here.call('PUT', `/admin/blacklist/${banned.userId}`, blacklisting, here.admin));
    const silenced_until = new Date(here.clock.nowMs() + DAY_MS).toISOString();
    const silence = { silenced_until, reason: '刷屏' };
    ok(await here.call('PUT', `/admin/chat/members/${banned.userId}`, silence, here.admin));
    const blocker = await here.recruit();
    ok(await here.call('PUT', `/chat/blocks/${banned.userId}`, undefined, blocker));
    ok(await post('/points/transfer', banned, { to_user_id: blocker.userId, amount: 400 }));
    await here.merge(banned, fresh);
    await here.earn(fresh, 700);
    const { data: held } = ok(await here.call('GET', '/auth/export', undefined, fresh));
    assert.deepEqual(
      held.chat_restrictions.map(({ until, reason }: any) => [until, reason]),
      [[silenced_until, '刷屏']],
    );
    const { data: blocks } = ok(await here.call('GET', '/chat/blocks', undefined, blocker));
    assert.deepEqual(
      blocks.items.map((one: any) => one.user.user_id),
      [fresh.userId],
    );
    const given = await post('/points/transfer', fresh, { to_user_id: blocker.userId, amount: 601 });
    assert.deepEqual(detailsOf(given), { reason: 'the limit of the day', left: 600 });
    const barred = await here.call(
      'POST',
      '/lottery/draw',
      { campaign_id: campaign, draw_count: 1, request_id: 'barred' },
      fresh,
    );
    assert.deepEqual([barred.code, detailsOf(barred).condition], ['NOT_ELIGIBLE', 'blacklist']);
    await here.balances();
  });

  it('R-2 what is given back of a bill of the old account is taken from the other, and nothing moves on the old one', async () => {
    const { old, young } = await two();
    const bill = { user_id: old.userId, bill_no: 'B-MERGED', bill_amount: 100 };
    const { points } = ok(await post('/points/pay', here.staff, bill)).data;
    assert.ok(points > 0);
    await here.merge(old, young);
    const before = await here.accountOf(young);
    ok(await post('/points/pay/B-MERGED/refund', here.staff, {}));
    const after = await here.accountOf(young);
    assert.equal(Math.round((before.available_points - after.available_points) * 100) / 100, points);
    const grant = { user_id: old.userId, amount: 5, reason: '测试', source: 'test' };
    const refused = await post('/points/earn', here.staff, grant);
    assert.deepEqual(outcomeOf(refused), [409, 'CONFLICT', 'merged']);
    const sent = await post('/points/transfer', young, { to_user_id: old.userId, amount: 1 });
    assert.equal(sent.code, 'NOT_FOUND');
    await here.balances();
  });

  it('R-2 an account that others were merged into is merged as well, and all that came with it goes on', async () => {
    const [first, second, third] = [await here.recruit(), await here.recruit(), await here.recruit()];
    const campaign = await here.campaignOf('virtual', { draws_per_user_per_day: 3 });
    await here.earn(first, 100);
    const [drawId] = await here.win(campaign, 2, first);
    await here.merge(first, second);
    await here.merge(second, third);
    assert.equal((await here.itemOf(drawId!, third)).status, 'unclaimed');
    assert.equal((await here.accountOf(third)).available_points, 98);
    const body = { campaign_id: campaign, draw_count: 2, request_id: 'chained' };
    const refused = await here.call('POST', '/lottery/draw', body, third);
    assert.deepEqual(detailsOf(refused), { draws_left_today: 1 });
    await here.balances();
  });

  it('R-2 RL-3 where nobody has the old number a second administrator confirms, a day after its owner was told', async () => {
    const { old, young } = await two();
    const { merge_id: mergeId, approval_id: approvalId } = ok(
      await here.ask(old, young, { is_number_lost: true }),
    ).data;
    const outcome = async (by = here.superAdmin) => outcomeOf(await here.approve(approvalId, by));
    assert.deepEqual((await outcome(here.admin)).slice(0, 2), [403, 'FORBIDDEN'], 'whoever asked');
    assert.deepEqual(await outcome(), [409, 'CONFLICT', 'unconfirmed']);
    ok(await here.confirm(mergeId, young));
    assert.deepEqual(await outcome(), [409, 'CONFLICT', 'too_early']);
    await here.pass(DAY_MS - 1000, young);
    assert.deepEqual(await outcome(), [409, 'CONFLICT', 'too_early']);
    await here.pass(1000, young);
    const approved = ok(await here.approve(approvalId, here.superAdmin)).data;
    assert.deepEqual(
      [approved.kind, approved.merge_id, approved.status],
      ['account.merge', mergeId, 'approved'],
    );
    assert.equal((await here.accountOf(young)).available_points, 500);
    assert.equal((await here.approve(approvalId, here.superAdmin)).code, 'CONFLICT');
    assert.equal((await here.accountOf(young)).available_points, 500);
    await here.balances();
  });

  it('R-2 the owner of a number that is not lost declines, and no administrator can go on', async () => {
    const { old, young } = await two();
    const { merge_id: mergeId, approval_id: approvalId } = ok(
      await here.ask(old, young, { is_number_lost: true }),
    ).data;
    ok(await here.confirm(mergeId, young));
    ok(await post(`/auth/merges/${mergeId}/decline`, old));
    await here.pass(DAY_MS, old);
    assert.equal((await here.approve(approvalId, here.superAdmin)).code, 'CONFLICT');
    assert.equal((await here.accountOf(old)).available_points, 500);
  });

  it('R-2 what nobody confirms in two weeks is over, once', async () => {
    const { old, young } = await two();
    const { merge_id: mergeId } = ok(await here.ask(old, young)).data;
    ok(await here.confirm(mergeId, young));
    await here.pass(14 * DAY_MS, old);
    assert.deepEqual(outcomeOf(await here.confirm(mergeId, old)), [409, 'CONFLICT', 'over']);
    await eventually(async () => {
      const { data } = await here.call('GET', '/auth/merges', undefined, old);
      assert.equal(data.items[0].status, 'expired');
    });
    const told = await here.rows(
      `SELECT COUNT(*) AS events FROM business_events WHERE event_type = 'user:merge_ended' AND user_id = ?`,
      old.userId,
    );
    assert.equal(Number(told[0].events), 1);
  });
});
