import assert from 'node:assert/strict';
import { parse } from 'csv-parse/sync';
import { after, before, it } from 'mocha';
import { AnalyticsFold } from '../../../entities/analytics/AnalyticsFold.ts';
import { AnalyticsRealtimeStat } from '../../../entities/analytics/AnalyticsRealtimeStat.ts';
import { AnalyticsUserDay } from '../../../entities/analytics/AnalyticsUserDay.ts';
import { VALUE_FOLD } from '../../../src/analytics/facts.ts';
import { startOfBusinessDay } from '../../../src/platform/clock.ts';
import { upsertAll } from '../../../src/platform/database/bulk.ts';
import { dayAfter } from '../../../src/points/statistics/periods.ts';
import { openAdministration, type Administration } from '../../admin/administration.ts';
import { TestClock } from '../../support/clock.ts';
import { forEachDatabase } from '../../support/databases.ts';
import type { Login } from '../../support/server.ts';
import { tellOf } from '../behaviors.ts';

const HOUR_MS = 3_600_000;
/** A Tuesday, noon in Shanghai. */
const NOON_MS = Date.parse('2026-03-03T04:00:00Z');
const TODAY = '2026-03-03';
const ZONE = 'Asia/Shanghai';
const ago = (days: number) => dayAfter(TODAY, -days);

forEachDatabase('behaviour analysis', (_open, openUrl) => {
  let here: Administration;
  const clock = new TestClock(NOON_MS);
  before(async function () {
    this.timeout(60_000);
    here = await openAdministration(await openUrl(), { clock });
  });
  after(() => here?.venue.close());

  const ask = (query: string, by: Login = here.admin) =>
    here.call('GET', `/smart/behavior-analysis?${query}`, undefined, by);
  const analyse = async (query: string, by?: Login): Promise<any> => {
    const { code, data } = await ask(query, by);
    assert.equal(code, 'OK', JSON.stringify(data));
    return data;
  };
  const keepDays = (userId: number, days: readonly string[], more: Partial<AnalyticsUserDay> = {}) =>
    here.venue.context.database.transaction((tx) =>
      upsertAll(
        tx,
        AnalyticsUserDay,
        days.map((day) => ({
          ...{ user_id: userId, day, hours: 1 << 12, draws: 2, free_draws: 0, exchanges: 0, trades: 0 },
          ...{ check_ins: 0, bills: 0, spent: 0, created_at: new Date(startOfBusinessDay(day, ZONE)) },
          ...more,
        })),
      ),
    );

  it('RS-2 RS-3 paths, features and dwells say what they are of, without whoever works here or tries it out', async function () {
    this.timeout(60_000);
    const { database } = here.venue.context;
    const [guest, tester] = [await here.recruit(), await here.recruit()];
    await database.transaction((tx) =>
      tx.execute('UPDATE users SET is_test = 1 WHERE user_id = ?', [tester.userId]),
    );
    const atMs = startOfBusinessDay(ago(1), ZONE) + 12 * HOUR_MS;
    const visit = ({ userId }: Login) => [
      { userId, name: 'home', atMs },
      { userId, name: 'campaign', atMs: atMs + 1000 },
      { userId, name: 'campaign', atMs: atMs + 2000 },
      { userId, name: 'draw', kind: 'action' as const, atMs: atMs + 3000 },
      { userId, name: 'campaign', kind: 'dwell' as const, atMs: atMs + 9000, durationMs: 8000 },
    ];
    await tellOf(database, [guest, tester, here.staff].flatMap(visit));
    await keepDays(guest.userId, [ago(1)]);
    await keepDays(here.staff.userId, [ago(1)]);
    const range = `from=${ago(1)}&to=${ago(1)}`;
    const { items, ...paths } = await analyse(`kind=paths&${range}`);
    assert.deepEqual(items, [
      { step: 1, from: 'home', to: 'campaign', visits: 1 },
      { step: 2, from: 'campaign', to: null, visits: 1 },
    ]);
    assert.deepEqual(paths, {
      ...{ kind: 'paths', business_timezone: ZONE, from: ago(1), to: ago(1), is_last_complete: true },
      ...{ sample_percent: 100, rows_read: 3, is_truncated: false, unit: 'visit', user_id: null },
      ...{ visits: 1, others: { edges: 0, visits: 0 } },
    });
    const features = await analyse(`kind=features&${range}`);
    assert.deepEqual(
      // The demo has bills of its own.
      features.items
        .filter(({ name }: any) => !['bills', 'check_ins'].includes(name))
        .map((one: any) => [one.source, one.name, one.people, one.visits, one.times]),
      [
        ['product', 'draws', 1, null, 2],
        ['client', 'campaign', 1, 1, 2],
        ['client', 'home', 1, 1, 1],
        ['client', 'draw', 1, 1, 1],
      ],
    );
    const dwell = await analyse(`kind=dwell&${range}`);
    assert.deepEqual(dwell.items, [
      { name: 'campaign', people: 1, times: 1, median_seconds: 8, p90_seconds: 8, mean_seconds: 8 },
    ]);
    assert.equal((await analyse('kind=dwell')).is_last_complete, false, 'today goes on');
  });

  it('RS-2 a triangle of who comes back has no mean of what is not over', async function () {
    this.timeout(60_000);
    const people = await Promise.all(Array.from({ length: 4 }, () => here.recruit()));
    // A Monday four weeks ago; two come again the week after, one this week, one never.
    const monday = '2026-02-02';
    const again = [[7], [8, 29], [], [14]];
    for (const [at, { userId }] of people.entries())
      await keepDays(userId, [monday, ...again[at]!.map((days) => dayAfter(monday, days))]);
    const {
      items,
      means,
      stickiness,
      is_last_complete: isComplete,
    } = await analyse(`kind=retention&period=week&from=${monday}`);
    const own = items.filter(({ cohort }: any) => cohort === monday);
    assert.deepEqual(
      own.map((cell: any) => [cell.people, cell.later, cell.returned, cell.rate, cell.is_complete]),
      [
        [4, 0, 4, 1, true],
        [4, 1, 2, 0.5, true],
        [4, 2, 1, 0.25, true],
        [4, 3, 0, 0, true],
        [4, 4, 1, 0.25, false],
      ],
    );
    assert.deepEqual([means.map(({ later }: any) => later), isComplete], [[0, 1, 2, 3], false]);
    const first = stickiness.find(({ day }: any) => day === monday);
    assert.deepEqual(first, { day: monday, dau: 4, wau: 4, mau: 4, is_complete: true });
    assert.equal(stickiness.at(-1).is_complete, false);
  });

  it('B-5 a rhythm needs four weeks, and what is unlike them is told', async function () {
    this.timeout(60_000);
    const { database } = here.venue.context;
    const few = await analyse('kind=periodicity');
    assert.deepEqual(
      [few.state, few.needs, few.correlations],
      ['not_enough_data', { measure: 'weeks', there: 0, needed: 4 }, null],
    );
    const startMs = startOfBusinessDay(ago(56), ZONE);
    const hours = Array.from({ length: 56 * 24 }, (_, at) => startMs + at * HOUR_MS);
    // The house is full at six in the evening, and was so at three yesterday morning.
    const odd = startOfBusinessDay(ago(1), ZONE) + 3 * HOUR_MS;
    const entriesOf = (atMs: number) =>
      atMs === odd ? 90 : new Date(atMs + 8 * HOUR_MS).getUTCHours() === 18 ? 100 : 4;
    const rows = hours.map((atMs): AnalyticsRealtimeStat => ({
      ...{ period: 'hour', starts_at: new Date(atMs), kind: 'page', name: 'home' },
      ...{ entries: entriesOf(atMs), duration_ms: 0 },
    }));
    await database.transaction((tx) => upsertAll(tx, AnalyticsRealtimeStat, rows));
    clock.advance(61_000);
    const rhythm = await analyse('kind=periodicity');
    assert.deepEqual([rhythm.state, rhythm.correlations.rhythm, rhythm.items.length], ['ok', 'daily', 168]);
    assert.ok(rhythm.items.every(({ hour, mean }: any) => (hour === 18 ? mean > 80 : mean < 20)));
    const { items, unit } = await analyse('kind=anomaly');
    const told = items.filter(({ score }: any) => score > 0);
    assert.deepEqual(
      [unit, told.map((one: any) => [one.starts_at, one.entries, one.usual])],
      ['hour', [[new Date(odd).toISOString(), 90, 4]]],
    );
  });

  it('B-5 who may be lost, and who is worth what, are told with what the words stand for', async function () {
    this.timeout(60_000);
    const weekly = (until: number) => Array.from({ length: 12 }, (_, at) => ago(until + 7 * (11 - at)));
    const people = await Promise.all(Array.from({ length: 6 }, () => here.recruit()));
    for (const [at, { userId }] of people.entries())
      await keepDays(userId, weekly(at === 0 ? 40 : 1), { bills: 1, spent: at === 1 ? 900_00 : 50_00 });
    const churn = await analyse('kind=churn');
    assert.equal(churn.state, 'ok');
    const [lost] = churn.items;
    assert.deepEqual(
      [lost.user_id, lost.risk, lost.cycle_days, lost.days_since, lost.active_days],
      [people[0]!.userId, 'high', 7, 40, 12],
    );
    const { tested, returned } = churn.risks.find(({ risk }: any) => risk === 'low');
    assert.deepEqual([tested >= 6, returned], [true, tested - 1]);
    assert.equal((await analyse('kind=value')).state, 'not_enough_data', 'fifths are not known yet');
    const fifths = {
      recency: [2, 10, 20, 30],
      frequency: [1, 3, 6, 9],
      money: [10_00, 100_00, 500_00, 800_00],
    };
    const data = JSON.stringify({ ...fifths, people: 6 });
    const fold = { name: VALUE_FOLD, data, day: TODAY, claimed_by: null, claimed_until: null };
    await here.venue.context.database.transaction((tx) => upsertAll(tx, AnalyticsFold, [fold]));
    clock.advance(61_000);
    const { items, levels } = await analyse('kind=value');
    assert.deepEqual(
      [
        items[0].user_id,
        items[0].level,
        items[0].recency + items[0].frequency + items[0].money,
        items[0].spent,
      ],
      [people[1]!.userId, 'high', 15, 10_800],
    );
    assert.equal(levels.find(({ level }: any) => level === 'high').people, 5);
  });

  it('A-9 RS-14 a diner is told of themself alone, of what makes sense of oneself', async () => {
    const guest = await here.recruit();
    await tellOf(here.venue.context.database, [
      { userId: guest.userId, name: 'home', atMs: clock.nowMs() - 1000 },
    ]);
    const own = await analyse('kind=paths', guest);
    assert.deepEqual([own.visits, own.user_id], [1, guest.userId]);
    for (const query of [
      'kind=churn',
      'kind=value',
      'kind=retention',
      'kind=anomaly',
      'kind=paths&format=csv',
    ])
      assert.equal((await ask(query, guest)).code, 'FORBIDDEN', query);
    assert.equal((await ask(`kind=paths&user_id=${here.diner.userId}`, guest)).code, 'FORBIDDEN');
    assert.equal((await analyse(`kind=paths&user_id=${guest.userId}`)).visits, 1);
    assert.equal((await ask(`kind=churn&user_id=${guest.userId}`)).code, 'VALIDATION_FAILED');
    assert.equal((await ask(`kind=paths&from=${ago(100)}`)).code, 'VALIDATION_FAILED');
  });

  it('RA-6 what is a list comes as a table as well, which is written down', async () => {
    const { token } = here.admin;
    const query = `kind=dwell&from=${ago(1)}&to=${ago(1)}&format=csv`;
    const response = await fetch(`${here.venue.origin}/api/v3/smart/behavior-analysis?${query}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const [row] = parse<Record<string, string>>(await response.text(), { bom: true, columns: true });
    assert.deepEqual([row?.['name'], row?.['median_seconds']], ['campaign', '8']);
    const [audit] = await here.audits();
    assert.deepEqual([audit?.action, audit?.target_id], ['behavior.export', 'dwell']);
  });
});
