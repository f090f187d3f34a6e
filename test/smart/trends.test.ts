import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import { AnalyticsRealtimeStat } from '../../entities/analytics/AnalyticsRealtimeStat.ts';
import { ReportCount } from '../../entities/reports/ReportCount.ts';
import { ReportDay } from '../../entities/reports/ReportDay.ts';
import { upsertAll } from '../../src/platform/database/bulk.ts';
import { startOfBusinessDay } from '../../src/platform/clock.ts';
import { foldAll } from '../../src/lottery/statistics/fold.ts';
import { LedgerDays, SETTLED_MS } from '../../src/points/statistics/countDays.ts';
import { dayAfter } from '../../src/points/statistics/periods.ts';
import { Chance } from '../../src/smart/forecast/seededSeries.ts';
import { Trends } from '../../src/smart/trends/trends.ts';
import { openAdministration, type Administration } from '../admin/administration.ts';
import { TestClock } from '../support/clock.ts';
import { forEachDatabase } from '../support/databases.ts';
import { eventually } from '../support/seat.ts';
import type { Login } from '../support/server.ts';

const ZONE = 'Asia/Shanghai';
const HOUR_MS = 3_600_000;
/** A Tuesday, noon in Shanghai: far from every festival but those that are a month ahead. */
const TODAY = '2026-09-01';
const NOON_MS = Date.parse(`${TODAY}T04:00:00Z`);
const WEEK = [80, 78, 85, 90, 130, 150, 110];
const DAYS = 70;

forEachDatabase('trends', (_open, openUrl) => {
  let here: Administration;
  const clock = new TestClock(NOON_MS);
  const planted = dayAfter(TODAY, -10);

  before(async function () {
    this.timeout(60_000);
    here = await openAdministration(await openUrl(), { clock });
    const chance = new Chance('trends');
    const usual = (day: string) => WEEK[(new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7]!;
    const days = Array.from({ length: DAYS }, (_, at) => dayAfter(TODAY, at - DAYS));
    await here.venue.context.database.transaction(async (tx) => {
      await upsertAll(
        tx,
        ReportDay,
        days.map((day) => ({ day, diners: chance.count(usual(day) * (day === planted ? 0.4 : 1)) })),
      );
      const counted = (day: string, restaurant_id: number): ReportCount => {
        const entries = Math.round(usual(day) / 2) * (restaurant_id === 0 ? 2 : 1);
        return { restaurant_id, day, measure: 'bills', entries, amount: entries * 88_00 };
      };
      await upsertAll(
        tx,
        ReportCount,
        days.flatMap((day) => [counted(day, 0), counted(day, 1)]),
      );
      const evening = (hour: number) => (hour < 10 ? 0 : hour < 17 ? 12 : hour < 21 ? 40 : 8);
      await upsertAll(
        tx,
        AnalyticsRealtimeStat,
        days.slice(-40).flatMap((day) => {
          const startMs = startOfBusinessDay(day, ZONE);
          return Array.from({ length: 24 }, (_, hour) => hour).flatMap((hour) =>
            ['home', 'campaign'].map((name) => ({
              ...{
                period: 'hour' as const,
                starts_at: new Date(startMs + hour * HOUR_MS),
                kind: 'page',
                name,
              },
              ...{ entries: chance.count(evening(hour)) * (name === 'home' ? 2 : 1), duration_ms: 0 },
            })),
          );
        }),
      );
    });
  });
  after(() => here?.venue.close());

  const read = async (query: string, by: Login = here.admin) =>
    here.call('GET', `/smart/trends?${query}`, undefined, by);
  const ok = async (query: string, by?: Login): Promise<any> => {
    const { code, data } = await read(query, by);
    assert.equal(code, 'OK', JSON.stringify(data));
    return data;
  };

  it('RS-2 B-6 a trend says its zone, window and unit, and that its last bucket goes on; what goes on is not fitted', async () => {
    const data = await ok(`measure=active&from=${dayAfter(TODAY, -29)}`);
    assert.deepEqual(
      [data.business_timezone, data.unit, data.window, data.is_last_complete],
      [ZONE, 'people', { from: dayAfter(TODAY, -29), to: TODAY }, false],
    );
    assert.ok(Date.parse(data.counted_to) <= NOON_MS);
    const [{ history, forecast }] = data.series;
    assert.deepEqual([history.length, history.at(-1).starts], [30, TODAY]);
    assert.deepEqual([history.at(-1).is_complete, history.at(-2).is_complete], [false, true]);
    // Today is foreseen and no fall.
    assert.deepEqual([forecast.status, forecast.items.length, forecast.items[0].starts], ['ok', 28, TODAY]);
    assert.equal((await ok(`measure=active&from=${TODAY}&to=${TODAY}`)).is_last_complete, false);
    assert.equal((await ok(`measure=active&to=${dayAfter(TODAY, -1)}`)).is_last_complete, true);
    assert.equal((await ok('measure=active&term=short')).series[0].forecast.items.length, 7);
  });

  it('B-6 RS-13 the fall is marked with its size, and no other day; weekdays have their part, days to come a band', async () => {
    const [{ history, forecast, seasons }] = (await ok(`measure=active&from=${dayAfter(TODAY, -50)}`)).series;
    const marked = history.filter(({ anomaly }: any) => anomaly !== null);
    assert.deepEqual(
      marked.map(({ starts }: any) => starts),
      [planted],
    );
    assert.equal(marked[0].anomaly.direction, 'down');
    assert.ok(marked[0].anomaly.size < -0.4 && marked[0].anomaly.size > -0.8, marked[0].anomaly.size);
    assert.ok(marked[0].value < marked[0].lower);
    assert.deepEqual([seasons.weekday.length, seasons.hour], [7, null]);
    assert.ok(seasons.weekday[5] > 1.2 && seasons.weekday[0] < 0.95, seasons.weekday.join());
    for (const { expected, lower, upper, occasion } of forecast.items)
      if (occasion === null) assert.ok(0 <= lower && lower <= expected && expected <= upper);
    // Mid-autumn and National Day are a month ahead, and nobody has seen them here yet.
    const festivals = forecast.items.filter(({ occasion }: any) => occasion !== null);
    assert.ok(festivals.length > 0);
    assert.ok(festivals.every(({ expected }: any) => expected === null));
  });

  it('B-6 hours have the season of the day and the week, and features are told apart', async () => {
    const data = await ok(`measure=visits&period=hour&by=feature&from=${dayAfter(TODAY, -3)}`);
    assert.deepEqual(
      data.series.map(({ key }: any) => key),
      ['home', 'campaign'],
    );
    const { seasons, forecast, history } = data.series[0];
    assert.equal(seasons.hour.indexOf(Math.max(...seasons.hour)) >= 17, true);
    assert.ok(seasons.hour[4] < 0.05 && seasons.weekday.length === 7);
    assert.equal(forecast.items.length, 168);
    assert.equal(history.length, 4 * 24 - 11);
    const all = (await ok(`measure=visits&period=hour&from=${dayAfter(TODAY, -3)}`)).series[0];
    assert.equal(
      all.history[30].value,
      data.series.reduce((sum: number, one: any) => sum + one.history[30].value, 0),
    );
  }).timeout(60_000);

  it('B-6 RS-13 of ten weeks the year cannot be told: what is needed is said; a week of people is the mean of its days', async () => {
    const data = await ok('measure=active&period=week');
    const [{ history, forecast }] = data.series;
    assert.deepEqual([forecast.status, forecast.needed, forecast.items], ['not_enough_data', 105, []]);
    assert.ok(data.is_mean && history.at(-1).is_complete === false);
    assert.ok(history.at(-3).value > 80 && history.at(-3).value < 130, history.at(-3).value);
    const bills = (await ok('measure=bills&period=month')).series[0];
    assert.ok(bills.history.at(-2).value > 2500);
    assert.equal(bills.forecast.status, 'not_enough_data');
  });

  it('B-6 R-9 what is told of one restaurant is told of it; what nobody counts is refused', async () => {
    const of = async (query: string) => (await ok(query)).series[0].history.at(-2).value;
    assert.equal(2 * (await of('measure=bills&restaurant_id=1')), await of('measure=bills'));
    for (const query of [
      'measure=active&restaurant_id=1',
      'measure=bills&period=hour',
      'measure=bills&by=new',
      'measure=active&by=feature',
      'measure=active&from=2020-01-01',
      'measure=nothing',
    ])
      assert.equal((await read(query)).code, 'VALIDATION_FAILED', query);
    assert.equal((await read('measure=bills&restaurant_id=99')).code, 'NOT_FOUND');
    assert.equal((await read('measure=active', here.diner)).code, 'FORBIDDEN');
  });

  it('B-6 it is worked out once, however many ask for it at a time and within minutes', async () => {
    const { services } = here.venue.context.trends;
    let runs = 0;
    const forecast = (asked: any) => {
      runs += 1;
      return services.thread.forecast(asked);
    };
    const trends = new Trends({ ...services, thread: { forecast } });
    const asked = { measure: 'active', period: 'day', split: 'all', scope: undefined } as const;
    const answers = await Promise.all(Array.from({ length: 50 }, () => trends.read(asked)));
    await trends.read(asked);
    assert.ok(answers.every((one) => one === answers[0]));
    assert.equal(runs, 1);
    await trends.read({ ...asked, measure: 'bills' });
    assert.equal(runs, 2);
  });

  it('RS-3 draws, points and people of those who work here, or only try it out, are in no trend', async function () {
    this.timeout(60_000);
    const { database, figures } = here.venue.context;
    const tester = await here.recruit();
    await database.transaction((tx) =>
      tx.execute('UPDATE users SET is_test = 1 WHERE user_id = ?', [tester.userId]),
    );
    await here.call('POST', '/lottery/draw', { campaign_id: 1, request_id: 'd', draw_count: 10 }, here.diner);
    const granted = { user_id: tester.userId, amount: 1000, reason: 'try' };
    const grant = { token: here.superAdmin.token, body: granted, headers: { 'Idempotency-Key': 'try' } };
    assert.equal((await here.venue.api('POST', '/admin/points/adjust', grant)).code, 'OK');
    const own = { campaign_id: 1, request_id: 't', draw_count: 10 };
    assert.equal((await here.call('POST', '/lottery/draw', own, tester)).code, 'OK');
    const ledger = new LedgerDays({ database, clock, businessTimezone: ZONE });
    await ledger.count();
    clock.advance(SETTLED_MS);
    await ledger.count();
    await foldAll({ ...figures, clock });
    const [total] = await database.readCurrent<{ draws: number }>(
      `SELECT SUM(draws) AS draws FROM lottery_periods WHERE period = 'day' AND starts = '${TODAY}'`,
    );
    const trends = new Trends(here.venue.context.trends.services);
    const last = async (measure: 'draws' | 'points_spent', period: 'day' | 'hour') => {
      const { counted } = await trends.read({ measure, period, split: 'all', scope: undefined });
      return counted.series.get('all')!.at(-1);
    };
    await eventually(async () => {
      assert.equal(await last('draws', 'day'), Number(total!.draws) - 10);
      assert.equal(await last('draws', 'hour'), 10);
    }, 10_000);
    assert.ok((await last('points_spent', 'day'))! >= 1000);
  });
});
