import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { AnalyticsRealtimeStat } from '../../entities/analytics/AnalyticsRealtimeStat.ts';
import { ReportCount } from '../../entities/reports/ReportCount.ts';
import { ReportDay } from '../../entities/reports/ReportDay.ts';
import { startOfBusinessDay } from '../../src/platform/clock.ts';
import { upsertAll } from '../../src/platform/database/bulk.ts';
import { dayAfter } from '../../src/points/statistics/periods.ts';
import { SETTLED_MS } from '../../src/points/statistics/countDays.ts';
import { Chance } from '../../src/smart/forecast/seededSeries.ts';
import { look, lastCompleteDay } from '../../src/smart/insights/look.ts';
import { rejectionsOf } from '../../src/smart/insights/rejections.ts';
import { textsOf } from '../../src/smart/insights/texts.ts';
import { openAdministration, type Administration } from '../admin/administration.ts';
import { TestClock } from '../support/clock.ts';
import { forEachDatabase } from '../support/databases.ts';
import { eventually } from '../support/seat.ts';

const ZONE = 'Asia/Shanghai';
const HOUR_MS = 3_600_000;
/** A Tuesday morning. */
const TODAY = '2026-09-01';
const MORNING_MS = Date.parse(`${TODAY}T00:30:00Z`);
const WEEK = [80, 78, 85, 90, 130, 150, 110];
const DAYS = 45;
const HOURS = [...Array.from({ length: 9 }, () => 0), 2, 4, 14, 18, 10, 4, 4, 8, 22, 30, 28, 18, 8, 2, 0];

forEachDatabase('insights', (_open, openUrl) => {
  let here: Administration;
  const clock = new TestClock(MORNING_MS);
  const days = Array.from({ length: DAYS }, (_, at) => dayAfter(TODAY, at - DAYS));
  const usual = (day: string) => WEEK[(new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7]!;
  const planted = dayAfter(TODAY, -5);

  /** Weeks that are alike but for chance; on a planted day the evening falls by 70 %. */
  async function write(seed: string, plantedDay?: string): Promise<void> {
    const chance = new Chance(seed);
    const people: ReportDay[] = [];
    const bills: ReportCount[] = [];
    const visits: AnalyticsRealtimeStat[] = [];
    for (const day of days) {
      people.push({ day, diners: chance.count(usual(day) * (day === plantedDay ? 0.6 : 1)) });
      const one = chance.count(usual(day) / 3);
      const two = chance.count(usual(day) / 4);
      for (const [restaurant_id, entries] of [
        ...([
          [0, one + two],
          [1, one],
        ] as const),
        [2, two] as const,
      ])
        bills.push({ restaurant_id, day, measure: 'bills', entries, amount: entries * 90_00 });
      const startMs = startOfBusinessDay(day, ZONE);
      const hours = HOURS.map((mean, hour) => {
        const part = day === plantedDay && hour >= 17 ? 0.3 : 1;
        return chance.count(((mean * usual(day)) / 100) * part);
      });
      const row = (period: 'hour' | 'day', atMs: number, entries: number) => ({
        ...{ period, starts_at: new Date(atMs), kind: 'page', name: 'home', entries, duration_ms: 0 },
      });
      hours.forEach((entries, hour) => visits.push(row('hour', startMs + hour * HOUR_MS, entries)));
      visits.push(
        row(
          'day',
          startMs,
          hours.reduce((sum, entries) => sum + entries, 0),
        ),
      );
    }
    await here.venue.context.database.transaction(async (tx) => {
      await upsertAll(tx, ReportDay, people);
      await upsertAll(tx, ReportCount, bills);
      await upsertAll(tx, AnalyticsRealtimeStat, visits);
    });
  }

  before(async function () {
    this.timeout(60_000);
    here = await openAdministration(await openUrl(), { clock });
    // What the demo has done is counted.
    await eventually(async () => {
      clock.advance(SETTLED_MS);
      assert.equal(await lastCompleteDay(here.venue.context), dayAfter(TODAY, -1));
    }, 20_000);
  });
  after(() => here?.venue.close());

  const list = async (query = '') => (await here.call('GET', `/smart/insights${query}`)).data;
  const lookNow = async () => here.call('POST', '/smart/insights/look');

  it('B-6 RS-13 a quiet month gives none, of dozens of figures that are looked at together', async () => {
    await write('quiet');
    const { code, data } = await lookNow();
    assert.equal(code, 'OK', JSON.stringify(data));
    assert.deepEqual([data.day, data.found], [dayAfter(TODAY, -1), 0]);
    assert.ok(data.tests > 70, `${data.tests} tests`);
    assert.deepEqual((await list()).items, []);
    assert.deepEqual((await lookNow()).data, data, 'a minute has not passed');
  }).timeout(60_000);

  it('B-6 RS-13 an evening that fell by 70 % gives exactly its one, with its figures, both languages and where to see it', async () => {
    await write('quiet', planted);
    // What was worked out a moment ago is kept.
    clock.advance(6 * 60_000);
    const { data } = await lookNow();
    assert.equal(data.found, 1);
    const { items } = await list();
    assert.equal(items.length, 1);
    const [one] = items;
    assert.deepEqual([one.kind, one.severity, one.state, one.day], ['anomaly', 'warning', 'open', planted]);
    const [first] = one.figures.deviations;
    assert.deepEqual([first.measure, first.part], ['visits', 'evening']);
    assert.ok(first.size < -0.55 && first.size > -0.85, first.size);
    assert.match(one.text_zh, /^8月27日晚上的页面访问比预期少了\d\d%（\d+ \/ \d+）/);
    assert.match(one.text_en, /^page visits in the evening on 2026-08-27 were \d\d% below what was expected/);
    assert.match(one.link, /^\/trends\?measure=visits&period=hour&from=2026-08-24&to=2026-08-28$/);
  }).timeout(60_000);

  it('B-6 it is told once: looked at again, and on the day after, nothing is new; put away it stays away', async () => {
    const services = here.venue.context;
    const [first] = (await list()).items;
    clock.advance(6 * 60_000);
    assert.equal((await lookNow()).data.found, 0);
    const path = `/smart/insights/${first.insight_id}/dismiss`;
    const audits = (await here.audits()).length;
    const [a, b] = await Promise.all([here.call('POST', path), here.call('POST', path)]);
    assert.deepEqual([a.code, b.code, a.data.state], ['OK', 'OK', 'dismissed']);
    assert.equal((await here.audits()).length, audits + 1);
    assert.equal((await here.audits())[0]!.action, 'insight.dismiss');
    assert.deepEqual((await list()).items, []);
    assert.equal((await list('?state=dismissed')).items[0].insight_id, first.insight_id);
    const again = await look(services, { day: dayAfter(TODAY, -1), freshMs: 0 });
    assert.equal(again.found, 0);
    assert.equal((await here.call('POST', '/smart/insights/999999/dismiss')).code, 'NOT_FOUND');
  }).timeout(60_000);

  it('B-6 two nodes at once make one look of a day', async () => {
    const services = here.venue.context;
    const day = dayAfter(TODAY, -3);
    const looks = await Promise.all([1, 2, 3].map(() => look(services, { day, freshMs: Infinity })));
    const made = looks.filter(({ tests }) => tests > 0);
    assert.equal(made.length, 1);
  }).timeout(60_000);

  it('RA-6 R-9 insights are a table as well, and of those alone who may see all restaurants', async () => {
    const { venue, superAdmin, staff, diner } = here;
    const response = await fetch(`${venue.origin}/api/v3/smart/insights?state=all&format=csv`, {
      headers: { authorization: `Bearer ${superAdmin.token}` },
    });
    assert.equal(response.status, 200);
    assert.match(await response.text(), /text_zh/);
    assert.equal((await here.call('GET', '/smart/insights', undefined, diner)).code, 'FORBIDDEN');
    const grant = { permission: 'statistics:read', effect: 'grant', reason: 'test' };
    await here.call('PUT', `/admin/users/${staff.userId}/permissions`, grant);
    assert.equal((await here.call('GET', '/smart/insights', undefined, staff)).code, 'FORBIDDEN');
  });
});

describe('insights of claims', () => {
  const decided = (day: number, rejected: number, approved: number) => ({
    ...{ day: dayAfter('2026-08-01', day), rejected, approved },
  });
  const month = Array.from({ length: 28 }, (_, day) => decided(day, 1, 19));

  it('B-6 claims that are rejected more often than before are told of, and as many as before are not', () => {
    const worse = Array.from({ length: 7 }, (_, at) => decided(28 + at, 7, 13));
    const [found] = rejectionsOf([...month, ...worse], 300);
    assert.equal(found?.kind, 'rejections_up');
    const texts = textsOf({ ...found, kind: 'rejections_up' });
    assert.match(texts.zh, /驳回了140张账单中的49张（35%），以前是5%/);
    const same = Array.from({ length: 7 }, (_, at) => decided(28 + at, 2, 18));
    assert.deepEqual(rejectionsOf([...month, ...same], 300), []);
    assert.deepEqual(rejectionsOf(worse, 300), []);
  });
});
