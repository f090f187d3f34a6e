import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import { LotteryPeriod } from '../../entities/lottery/LotteryPeriod.ts';
import { ReportCount } from '../../entities/reports/ReportCount.ts';
import { ReportDay } from '../../entities/reports/ReportDay.ts';
import { usualOf } from '../../src/reports/daily.ts';
import { NOTHING } from '../../src/reports/readDays.ts';
import { nextMs } from '../../src/reports/subscriptions.ts';
import { insertAll, upsertAll } from '../../src/platform/database/bulk.ts';
import { foldAll } from '../../src/lottery/statistics/fold.ts';
import { LedgerDays, SETTLED_MS } from '../../src/points/statistics/countDays.ts';
import { dayAfter } from '../../src/points/statistics/periods.ts';
import { sendAll } from '../../src/reports/send.ts';
import { openAdministration, type Administration } from '../admin/administration.ts';
import { TestClock } from '../support/clock.ts';
import { forEachDatabase } from '../support/databases.ts';
import { eventually } from '../support/seat.ts';
import type { Login } from '../support/server.ts';

const HOUR_MS = 3_600_000;
/** A Tuesday, noon in Shanghai. */
const NOON_MS = Date.parse('2026-03-03T04:00:00Z');
const TODAY = '2026-03-03';

forEachDatabase('reports', (_open, openUrl) => {
  let here: Administration;
  const clock = new TestClock(NOON_MS);
  before(async function () {
    this.timeout(60_000);
    here = await openAdministration(await openUrl(), { clock });
  });
  after(() => here?.venue.close());

  const read = async (query = '', by: Login = here.admin) =>
    here.call('GET', `/admin/reports/daily${query}`, undefined, by);
  const days = async (query = '', by: Login = here.admin) =>
    here.call('GET', `/admin/reports/days${query}`, undefined, by);
  const ok = async (answer: Promise<{ code: string; data: any }>): Promise<any> => {
    const { code, data } = await answer;
    assert.equal(code, 'OK', JSON.stringify(data));
    return data;
  };

  /** Rows of the ledger are counted once they are settled, on MariaDB. */
  const countAll = async () => {
    const { database, figures } = here.venue.context;
    const ledger = new LedgerDays({ database, clock, businessTimezone: 'Asia/Shanghai' });
    await ledger.count();
    clock.advance(SETTLED_MS);
    await ledger.count();
    await foldAll({ ...figures, clock });
  };
  /** After so long nobody is logged in any more. */
  const logInAnew = async () => {
    const mobiles = { superAdmin: '13800000000', admin: '13800000001', staff: '13800000002' };
    for (const [name, mobile] of Object.entries(mobiles))
      Object.assign(here[name as keyof typeof mobiles], await here.venue.login(mobile));
  };

  it('R-8 RS-2 RS-3 a day that goes on has what has happened so far, and says that it is not over', async function () {
    this.timeout(60_000);
    const guest = await here.recruit();
    const trial = await here.recruit();
    await ok(here.call('PUT', `/admin/users/${trial.userId}/test`, { is_test: true }));
    for (const [at, restaurant_id] of [1, 2].entries()) {
      const till = { name: `till ${restaurant_id}`, permissions: ['points:pay'], restaurant_id };
      const { key } = await ok(here.call('POST', '/admin/api-keys', till));
      // The bills of who only tries the product out are in no report (RS-3).
      for (const { userId: user_id } of [guest, trial]) {
        const bill = { user_id, bill_no: `R01-${at}-${user_id}`, bill_amount: 200 };
        const headers = { 'Idempotency-Key': bill.bill_no };
        await ok(here.venue.api('POST', '/points/pay', { token: key, body: bill, headers }));
      }
    }
    const draw = { campaign_id: 1, request_id: 'today', draw_count: 10 };
    await ok(here.call('POST', '/lottery/draw', draw, here.diner));
    // Whoever only pays is there as well, and whoever does both is one; those who work here are none.
    const guestsToday = async () => {
      const sql = 'SELECT user_id FROM report_diners WHERE day = ?';
      const rows = await here.venue.context.database.readCurrent<{ user_id: number }>(sql, [TODAY]);
      const ids = rows.map(({ user_id: userId }) => Number(userId));
      assert.ok(ids.includes(here.diner.userId) && ids.includes(guest.userId), ids.join());
      assert.ok(!ids.includes(here.staff.userId), 'staff are no diners');
      return ids.length;
    };
    await countAll();
    await eventually(async () => {
      const { day, counted_to } = (await read(`?date=${TODAY}`)).data;
      assert.equal(day.is_complete, false);
      assert.deepEqual([day.draws, day.diners, day.bills, day.billed], [10, await guestsToday(), 2, 400]);
      assert.equal(day.points_on_draws, 1000);
      assert.ok(day.points_spent >= 1000);
      // The people of the demo, and whoever was recruited.
      assert.ok(day.members > 0);
      assert.ok(Date.parse(counted_to) <= clock.nowMs());
    }, 15_000);
    const own = (await read(`?date=${TODAY}&restaurant_id=1`)).data;
    assert.deepEqual([own.restaurant_ids, own.day.draws, own.day.diners], [[1], null, null]);
    assert.equal(own.day.bills, 1);
    const { restaurants } = (await read(`?date=${TODAY}`)).data;
    assert.equal(restaurants.find(({ restaurant_id: id }: any) => id === 1).bills, own.day.bills);
  });

  it('R-8 what is outstanding is what all accounts have, down to a hundredth', async () => {
    await countAll();
    const { day } = (await read(`?date=${TODAY}`)).data;
    const [sum] = await here.venue.context.database.readCurrent<{ total: string }>(
      'SELECT SUM(total_points) AS total FROM user_points_accounts',
    );
    assert.equal(day.points_outstanding, Math.round(Number(sum!.total) * 100) / 100);
  });

  it('R-8 yesterday is complete once all of it is counted, beside the same weekday of weeks with anything in them', async function () {
    this.timeout(60_000);
    const { database } = here.venue.context;
    const past = (weeks: number, draws: number): LotteryPeriod => ({
      ...{ campaign_id: 1, period: 'day', starts: dayAfter(TODAY, -7 * weeks) },
      ...{ draws, wins: 10, guarantee_wins: 0, free_draws: 0, points_spent: 500_00, value_given: 80_00 },
      ...{ participants: 7, newcomers: 0, returned_1: 0, returned_7: 0 },
    });
    await database.transaction(async (tx) => {
      await insertAll(tx, LotteryPeriod, [past(1, 100), past(3, 301)]);
      await insertAll(tx, ReportDay, [
        { day: dayAfter(TODAY, -7), diners: 20 },
        { day: dayAfter(TODAY, -21), diners: 40 },
      ]);
      const counted = (day: string, entries: number): ReportCount => ({
        ...{ restaurant_id: 0, day, measure: 'bills', entries, amount: 100_00 },
      });
      await upsertAll(tx, ReportCount, [counted(dayAfter(TODAY, -7), 4)]);
    });
    clock.set(Date.parse('2026-03-03T16:00:10Z'));
    await logInAnew();
    assert.equal(
      (await ok(read())).day.is_complete,
      false,
      'what was begun before midnight may commit still',
    );
    await countAll();
    clock.advance(SETTLED_MS);
    await eventually(async () => {
      const { day, weeks, usual, days: shown } = await ok(read());
      assert.deepEqual([day.day, day.is_complete, weeks], [TODAY, true, 2]);
      assert.deepEqual([usual.draws, usual.diners, usual.prize_value], [200.5, 30, 80]);
      // Of the day three weeks ago no events were counted: it is no part of what is usual.
      assert.deepEqual([usual.bills, usual.points_outstanding], [4, null]);
      assert.deepEqual([shown.length, shown.at(-1).day], [14, TODAY]);
    }, 15_000);
  });

  it('R-8 RA-6 a range is a list, which comes as a table as well; what is no range is refused', async () => {
    const { items } = await ok(days(`?from=2026-02-01&to=${TODAY}`));
    assert.deepEqual([items.length, items[0].day, items.at(-1).day], [31, '2026-02-01', TODAY]);
    assert.deepEqual([items[0].bills, items.at(-1).is_complete], [null, true]);
    assert.equal((await ok(days())).items.length, 30);
    const { origin } = here.venue;
    const response = await fetch(
      `${origin}/api/v3/admin/reports/days?from=2026-03-02&to=${TODAY}&format=csv`,
      {
        headers: { authorization: `Bearer ${here.admin.token}` },
      },
    );
    const [head, ...lines] = (await response.text()).trim().split('\r\n');
    assert.match(head!, /^day,is_complete,members,diners,draws,/);
    assert.deepEqual(
      lines.map((line) => line.split(',')[0]),
      ['2026-03-02', TODAY],
    );
    for (const query of ['?from=2026-03-02&to=2026-03-01', '?from=2024-01-01&to=2026-03-01', '?from=1'])
      assert.equal((await days(query)).code, 'VALIDATION_FAILED', query);
    assert.equal((await read('?date=2030-01-01')).code, 'VALIDATION_FAILED');
    assert.equal((await read('?restaurant_id=999')).code, 'NOT_FOUND');
  });

  it('R-9 A-9 staff who may read figures see those of their restaurants, and of no other', async () => {
    const { staff } = here;
    assert.equal((await read('', staff)).code, 'FORBIDDEN');
    await grant(here, staff.userId, true);
    const none = await ok(read(`?date=${TODAY}`, staff));
    assert.deepEqual([none.restaurant_ids, none.day.draws, none.day.bills], [[], null, 0]);
    await ok(
      here.call('PUT', `/admin/users/${staff.userId}/restaurants`, { restaurant_ids: [1] }, here.superAdmin),
    );
    const own = await ok(read(`?date=${TODAY}`, staff));
    assert.deepEqual([own.restaurant_ids, own.day.draws], [[1], null]);
    assert.ok(own.day.bills > 0);
    for (const id of [2, 999]) assert.equal((await read(`?restaurant_id=${id}`, staff)).code, 'FORBIDDEN');
  });

  it('R-8 RC-10 RO-9 who wants it is told of the day once, of the newest alone, in their language, while they may see it', async function () {
    this.timeout(60_000);
    const { context } = here.venue;
    const services = { ...context, businessTimezone: 'Asia/Shanghai' };
    const send = () => Promise.all([sendAll(services), sendAll(services), sendAll(services)]);
    const told = async (language = 'zh-CN') => {
      const extra = { headers: { 'Accept-Language': language } };
      const { items } = await ok(here.call('GET', '/notifications?limit=100', undefined, here.admin, extra));
      return items.filter(({ type }: any) => type.startsWith('report_'));
    };
    const put = (body: object) => here.call('PUT', '/admin/reports/subscription', body, here.admin);
    assert.deepEqual(await ok(here.call('GET', '/admin/reports/subscription', undefined, here.admin)), {
      ...{ daily: null, weekly: null },
    });
    assert.equal((await put({ daily: 24, weekly: null })).code, 'VALIDATION_FAILED');
    await ok(put({ daily: 8, weekly: 9 }));
    await send();
    assert.deepEqual(await told(), []);
    // Wednesday at eight.
    clock.set(Date.parse('2026-03-04T00:00:05Z'));
    await logInAnew();
    await countAll();
    clock.advance(SETTLED_MS);
    await eventually(async () => {
      await send();
      const [{ title, body, data }, ...others] = await told();
      assert.deepEqual([title, data.day, data.draws, data.bills, others], ['昨日日报', TODAY, 10, 2, []]);
      assert.match(body, /^2026-03-03：.*抽奖 10 次（平时 201）/);
    }, 15_000);
    assert.match((await told('en'))[0].body, /^2026-03-03: .* 10 draws \(usually 201\)/);
    // A clock that steps back, is right again, and ahead.
    for (const hours of [-2, 2, -1, 1, 1, -1, -1, 1]) {
      clock.step(hours * HOUR_MS);
      await send();
    }
    assert.equal((await told()).length, 1);
    // Nobody looked for nine days: one of each kind, of the newest.
    clock.set(Date.parse('2026-03-13T05:00:00Z'));
    await logInAnew();
    await countAll();
    clock.advance(SETTLED_MS);
    await eventually(async () => {
      await send();
      const list = (await told()).map(({ type, data }: any) => `${type} ${data.day}`).sort();
      assert.deepEqual(list, [
        'report_daily 2026-03-03',
        'report_daily 2026-03-12',
        'report_weekly 2026-03-02',
      ]);
    }, 15_000);
    // Who may not see figures any more is told none, and of nothing that was left out when they may again.
    await grant(here, here.admin.userId, false);
    clock.set(Date.parse('2026-03-14T01:00:00Z'));
    await logInAnew();
    await countAll();
    await send();
    await grant(here, here.admin.userId, true);
    await send();
    await send();
    assert.equal((await told()).length, 3);
    await ok(put({ daily: null, weekly: null }));
  });
});

async function grant(here: Administration, userId: number, is_granted: boolean): Promise<void> {
  const body = { permission: 'statistics:read', is_granted };
  const { code } = await here.call('PUT', `/admin/users/${userId}/permissions`, body);
  assert.equal(code, 'OK');
}

describe('what is usual of days, and when a report is due', () => {
  it('RS-2 a figure that a day does not have is no part of its mean', () => {
    const usual = usualOf([
      { ...NOTHING, draws: 1, redemption_rate: 0.5, points_outstanding: 5 },
      { ...NOTHING, draws: 2, bills: 3, points_outstanding: 7 },
    ]);
    assert.deepEqual(
      [usual.draws, usual.bills, usual.redemption_rate, usual.members, usual.points_outstanding],
      [1.5, 3, 0.5, null, null],
    );
  });

  it('R-8 TIME-1 is at that hour on the wall, also where the clocks are put forward over it', () => {
    const timezone = 'America/New_York';
    const at = (iso: string) => Date.parse(iso);
    const daily = (hour: number, now: string) =>
      new Date(nextMs({ period: 'daily', hour, timezone }, at(now))).toISOString();
    assert.equal(daily(8, '2026-03-07T14:00:00Z'), '2026-03-08T12:00:00.000Z');
    assert.equal(daily(8, '2026-03-08T11:59:59Z'), '2026-03-08T12:00:00.000Z');
    assert.equal(daily(8, '2026-03-08T12:00:00Z'), '2026-03-09T12:00:00.000Z');
    // There is no two o’clock on that day.
    assert.equal(daily(2, '2026-03-08T06:30:00Z'), '2026-03-08T07:00:00.000Z');
    const weekly = nextMs({ period: 'weekly', hour: 9, timezone }, at('2026-03-09T13:00:00Z'));
    assert.equal(new Date(weekly).toISOString(), '2026-03-16T13:00:00.000Z');
  });
});
