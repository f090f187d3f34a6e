import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import { AnalyticsUserDay } from '../../entities/analytics/AnalyticsUserDay.ts';
import { AnalyticsUserProfile } from '../../entities/analytics/AnalyticsUserProfile.ts';
import { businessDayOf } from '../../src/platform/clock.ts';
import { foldAll } from '../../src/lottery/statistics/fold.ts';
import { checkProfiles, rebuildProfiles } from '../../src/books/profiles.ts';
import { ok, openMerging, type Account, type Merging } from '../merges/merging.ts';
import { forEachDatabase } from '../support/databases.ts';
import { completed } from '../platform/events/relays.ts';

const DAY_MS = 86_400_000;
const timezone = 'Asia/Shanghai';

forEachDatabase('the profile of a person', (_open, openUrl) => {
  let here: Merging;
  let campaign: number;
  let productId: number;
  let keys = 0;
  before(async function () {
    this.timeout(60_000);
    here = await openMerging(await openUrl());
    campaign = await here.campaignOf('coupon', { cost_per_draw: 100, free_draws_per_day: 2 });
    const body = { name: '礼品卡', price: 10, stock: 1000 };
    productId = ok(await here.call('POST', '/admin/products', body, here.admin)).data.product_id;
  });
  after(() => here?.venue.close());

  const database = () => here.venue.context.database;
  const post = (path: string, by: { token: string; userId: number }, body?: object) =>
    here.call('POST', path, body, by, { headers: { 'Idempotency-Key': `profile-${++keys}` } });
  const counted = async () => {
    await foldAll({ ...here.venue.context.figures, clock: here.clock });
    await completed(database());
  };
  const profileOf = async (by: Account, of?: number, asked = by as { token: string; userId: number }) => {
    const query = of === undefined ? '' : `?user_id=${of}`;
    return here.call('GET', `/smart/user-profile${query}`, undefined, asked);
  };
  const pay = async ({ userId }: Account, yuan: number) => {
    const bill_no = `profile-bill-${++keys}`;
    ok(await post('/points/pay', here.staff, { user_id: userId, bill_no, bill_amount: yuan }));
    return bill_no;
  };
  const counting = () => ({ timezone, nowMs: here.clock.nowMs() });
  const agrees = async () => assert.deepEqual((await checkProfiles(database(), counting())).differences, []);
  const rowsOf = async (userId: number) => {
    const reader = database().currentReader;
    const [profile] = await reader.findBy(AnalyticsUserProfile, { user_id: userId });
    const days = await reader.find(AnalyticsUserDay, { where: { user_id: userId }, order: { day: 'ASC' } });
    return { profile, days };
  };
  /** Three draws of which two are free, an exchange, a check-in, a bill a part of which comes back. */
  const live = async (diner: Account) => {
    await here.win(campaign, 3, diner);
    const body = { quantity: 1, expected_price: 10, version: 1 };
    ok(await post(`/products/${productId}/exchange`, diner, body));
    ok(await here.call('POST', '/points/check-in', undefined, diner));
    const bill = await pay(diner, 120.5);
    ok(await post(`/points/pay/${bill}/refund`, here.staff, { amount: 20.25 }));
  };

  it('B-2 what a diner does is in their profile, by days, hours and sums, and agrees with the books (RS-5)', async () => {
    const diner = await here.recruit();
    await here.earn(diner, 1000);
    for (const days of [0, 7, 7, 7]) {
      if (days > 0) await here.pass(days * DAY_MS, diner);
      await live(diner);
    }
    await counted();
    const { data } = ok(await profileOf(diner));
    const hour = new Date(here.clock.nowMs() + 8 * 3_600_000).getUTCHours();
    assert.equal(data.to, businessDayOf(here.clock.nowMs(), timezone));
    assert.equal(data.is_last_complete, false);
    assert.deepEqual(
      [data.counts.draws, data.counts.free_draws, data.counts.exchanges, data.counts.check_ins],
      [12, 8, 4, 4],
    );
    assert.deepEqual(data.spending, {
      total: 401,
      total_90: 401,
      bills_90: 4,
      mean_bill: 100.25,
      last_bill: 120.5,
      last_bill_at: new Date(here.clock.nowMs()).toISOString(),
    });
    assert.equal(data.activity.hours[hour], 4);
    assert.equal(
      data.activity.hours.reduce((sum: number, of: number) => sum + of),
      4,
    );
    assert.equal(Math.max(...data.activity.weekdays), 4);
    assert.deepEqual([data.activity.days_30, data.activity.days_since], [4, 0]);
    assert.deepEqual([data.visits.days, data.visits.cycle_days, data.visits.spread_days], [4, 7, 0]);
    assert.equal(data.preferences.feature, 'draws');
    assert.equal(data.preferences.free_draws_percent, 67);
    assert.equal(data.status, 'new');
    assert.deepEqual(
      data.meanings.map(({ key }: { key: string }) => key),
      ['visit_cycle', 'feature', 'free_draws'],
    );
    await agrees();
  });

  it('B-2 A-9 a diner has their own profile alone, whoever may read users that of everybody', async () => {
    const [diner, other] = [await here.recruit(), await here.recruit()];
    assert.equal((await profileOf(diner, other.userId)).code, 'FORBIDDEN');
    assert.equal((await profileOf(diner, other.userId, here.staff)).code, 'FORBIDDEN');
    assert.equal((await profileOf(diner, diner.userId)).data.user_id, diner.userId);
    assert.equal((await profileOf(diner, other.userId, here.admin)).data.user_id, other.userId);
    assert.equal((await profileOf(diner, 2_000_000_000, here.admin)).code, 'NOT_FOUND');
  });

  it('RS-5 what differs from the books is found, and made anew from them, with what is not counted yet', async () => {
    const diner = await here.recruit();
    await here.earn(diner, 1000);
    await live(diner);
    await counted();
    const before = await rowsOf(diner.userId);
    await database().transaction(async (tx) => {
      await tx.manager.update(AnalyticsUserProfile, { user_id: diner.userId }, { draws: 2 });
      await tx.manager.update(AnalyticsUserDay, { user_id: diner.userId }, { bills: 0, hours: 0 });
      // As if one of them had not been counted yet: its mark is gone, and it is tried later.
      await tx.execute(
        `DELETE FROM event_handlings WHERE handler = 'analytics.profile' AND event_id IN
           (SELECT event_id FROM business_events WHERE event_type = 'points:checked_in' AND user_id = ?)`,
        [diner.userId],
      );
      await tx.execute(
        `UPDATE business_events SET status = 'dead_letter' WHERE event_type = 'points:checked_in' AND user_id = ?`,
        [diner.userId],
      );
    });
    const { differences } = await checkProfiles(database(), counting());
    const named = differences.filter(({ userId }) => userId === diner.userId);
    assert.deepEqual(
      named.map(({ day, column, stored, counted: books }) => [day === '', column, stored, books]),
      [
        [true, 'draws', 2, 3],
        [true, 'check_ins', 1, 0],
        [false, 'check_ins', 1, 0],
        [false, 'bills', 0, 1],
      ],
    );
    await rebuildProfiles(database(), counting());
    await agrees();
    assert.equal((await rowsOf(diner.userId)).profile!.check_ins, 0);
    await database().transaction((tx) =>
      tx.execute(
        `UPDATE business_events SET status = 'pending' WHERE event_type = 'points:checked_in' AND user_id = ?`,
        [diner.userId],
      ),
    );
    await counted();
    await agrees();
    const after = await rowsOf(diner.userId);
    assert.deepEqual(after.days, before.days);
    assert.equal(after.profile!.check_ins, 1);
  });

  it('R-2 of two accounts that become one the sums are one, also of what comes late', async () => {
    const [old, young] = [await here.recruit(), await here.recruit()];
    for (const one of [old, young]) {
      await here.earn(one, 1000);
      await live(one);
    }
    await counted();
    await here.merge(old, young);
    await counted();
    assert.deepEqual(await rowsOf(old.userId), { profile: undefined, days: [] });
    const { profile, days } = await rowsOf(young.userId);
    assert.deepEqual([profile!.draws, profile!.check_ins, profile!.spent], [6, 2, 20_050]);
    assert.deepEqual(
      days.map(({ draws, bills, spent }) => [draws, bills, spent]),
      [[6, 2, 20_050]],
    );
    await agrees();
    // One of the account that has ended, which was not counted before.
    await database().transaction(async (tx) => {
      await tx.manager.update(AnalyticsUserProfile, { user_id: young.userId }, { check_ins: 1 });
      await tx.manager.update(AnalyticsUserDay, { user_id: young.userId }, { check_ins: 1 });
      const ofOld = `SELECT event_id FROM business_events WHERE event_type = 'points:checked_in' AND user_id = ?`;
      await tx.execute(`DELETE FROM event_handlings WHERE event_id IN (${ofOld})`, [old.userId]);
      await tx.execute(
        `UPDATE business_events SET status = 'pending' WHERE event_type = 'points:checked_in' AND user_id = ?`,
        [old.userId],
      );
    });
    await counted();
    await agrees();
    assert.equal((await rowsOf(young.userId)).profile!.check_ins, 2);
  });

  it('RS-14 A-11 closing an account removes what is counted of it now, and the export has it before', async () => {
    const diner = await here.recruit();
    await here.earn(diner, 1000);
    await live(diner);
    await counted();
    const { activity } = ok(await here.call('GET', '/auth/export', undefined, diner)).data;
    assert.deepEqual(
      [activity.draws, activity.bills, activity.spent, activity.days.length, activity.days[0].hours.length],
      [3, 1, 100.25, 1, 1],
    );
    ok(await here.call('POST', '/auth/code', { mobile: diner.mobile }, diner));
    ok(await here.call('DELETE', '/auth/me', { code: '123456' }, diner));
    assert.deepEqual(await rowsOf(diner.userId), { profile: undefined, days: [] });
    await counted();
    assert.deepEqual(await rowsOf(diner.userId), { profile: undefined, days: [] });
    assert.equal((await profileOf(diner, diner.userId, here.admin)).code, 'NOT_FOUND');
    await agrees();
  });

  it('B-2 status follows the days since somebody did something', async () => {
    const diner = await here.recruit();
    const statusAfter = async (days: number) => {
      await here.pass(days * DAY_MS, diner);
      return ok(await profileOf(diner)).data.status;
    };
    assert.equal(await statusAfter(0), 'new');
    await pay(diner, 1);
    await counted();
    assert.equal(await statusAfter(30), 'active');
    assert.equal(await statusAfter(1), 'silent');
    assert.equal(await statusAfter(60), 'lost');
  });
});
