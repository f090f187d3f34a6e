import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { AnalyticsBehavior } from '../../entities/analytics/AnalyticsBehavior.ts';
import { AnalyticsRealtimeStat } from '../../entities/analytics/AnalyticsRealtimeStat.ts';
import { startOfBusinessDay } from '../../src/platform/clock.ts';
import { insertAll, upsertAll } from '../../src/platform/database/bulk.ts';
import { dayAfter } from '../../src/points/statistics/periods.ts';
import { isQuietHour, rankedOf } from '../../src/smart/bestTime/rank.ts';
import { openAdministration, type Administration } from '../admin/administration.ts';
import { TestClock } from '../support/clock.ts';
import { forEachDatabase } from '../support/databases.ts';
import type { Login } from '../support/server.ts';

const ZONE = 'Asia/Shanghai';
const HOUR_MS = 3_600_000;
/** A Tuesday, noon. */
const TODAY = '2026-09-01';

forEachDatabase('the best time', (_open, openUrl) => {
  let here: Administration;
  const clock = new TestClock(Date.parse(`${TODAY}T04:00:00Z`));
  before(async function () {
    this.timeout(60_000);
    here = await openAdministration(await openUrl(), { clock });
    const at = (daysAgo: number, hour: number) =>
      new Date(startOfBusinessDay(dayAfter(TODAY, -daysAgo), ZONE) + hour * HOUR_MS);
    await here.venue.context.database.transaction(async (tx) => {
      // Mine are Fridays at eight, and once a Monday at nine; all others come at noon and at midnight.
      const mine = [...Array.from({ length: 11 }, (_, week) => [4 + 7 * week, 20] as const)].flatMap(
        (one) => [one, one],
      );
      await insertAll(
        tx,
        AnalyticsBehavior,
        [...mine, [1, 9] as const].map(([daysAgo, hour], no) => ({
          ...{
            user_id: here.diner.userId,
            event_id: `e${no}`,
            visit_id: 'v',
            kind: 'page' as const,
            name: 'home',
          },
          ...{ occurred_at: at(daysAgo, hour), received_at: at(daysAgo, hour) },
        })),
      );
      const bucket = (daysAgo: number, hour: number, entries: number) => ({
        ...{ period: 'hour' as const, starts_at: at(daysAgo, hour), kind: 'page', name: 'home' },
        ...{ entries, duration_ms: 0 },
      });
      await upsertAll(
        tx,
        AnalyticsRealtimeStat,
        Array.from({ length: 28 }, (_, day) => [bucket(day + 1, 12, 40), bucket(day + 1, 23, 90)]).flat(),
      );
    });
  });
  after(() => here?.venue.close());

  const ask = (query: string, by: Login) => here.call('GET', `/smart/best-time?${query}`, undefined, by);

  it('B-6 RS-2 my own hours are told where there are enough, with how many there were; else those of all, and it is said', async () => {
    const { data } = await ask('kind=message', here.diner);
    assert.deepEqual([data.of, data.basis, data.entries, data.business_timezone], ['me', 'me', 23, ZONE]);
    const [best, second] = data.best;
    assert.deepEqual([best.weekday, best.hour, best.entries], [5, 20, 22]);
    assert.deepEqual([second.weekday, second.hour, second.entries], [1, 9, 1]);
    assert.ok(best.lower > 0.8 && best.upper < 1 && best.lower < best.share && best.share < best.upper);
    assert.equal(data.hours.length, 168);
    const other = (await ask('kind=visit', here.diner)).data;
    assert.deepEqual([other.of, other.basis, other.evidence], ['me', 'group', 'visits']);
    const stranger = await here.recruit();
    assert.equal((await ask('kind=message', stranger)).data.basis, 'group');
  });

  it('B-6 no message is sent in quiet hours: those of the caller, or of the house', async () => {
    const late = (await ask('kind=message&of=group', here.admin)).data;
    const { quiet_hours: usual } = here.venue.context.configuration.now().notifications;
    assert.ok(late.best.every(({ hour }: any) => !isQuietHour(hour, usual)));
    const preferences = (await here.call('GET', '/notifications/preferences', undefined, here.diner)).data;
    const quiet = { ...preferences, quiet_hours: { from: '19:30', to: '08:00' } };
    assert.equal((await here.call('PUT', '/notifications/preferences', quiet, here.diner)).code, 'OK');
    const { data } = await ask('kind=message', here.diner);
    assert.deepEqual([data.best[0].weekday, data.best[0].hour], [1, 9]);
    assert.equal(data.hours[4 * 24 + 20].is_quiet, true);
    // Of what is no message the night is as good.
    assert.equal((await ask('kind=visit&of=group', here.admin)).data.best[0].hour, 23);
  });

  it('B-6 R-9 of all, a restaurant or a campaign it is told to whoever reads statistics alone', async () => {
    for (const query of ['of=group', 'of=restaurant&restaurant_id=1', 'of=campaign&campaign_id=1']) {
      assert.equal((await ask(`kind=draw&${query}`, here.diner)).code, 'FORBIDDEN', query);
      assert.equal((await ask(`kind=draw&${query}`, here.admin)).code, 'OK', query);
    }
    for (const query of ['kind=draw&of=restaurant', 'kind=draw&campaign_id=1', 'kind=nothing'])
      assert.equal((await ask(query, here.admin)).code, 'VALIDATION_FAILED', query);
    assert.equal((await ask('kind=draw&of=restaurant&restaurant_id=99', here.admin)).code, 'NOT_FOUND');
  });
});

describe('hours of the week', () => {
  it('B-6 an hour that is good each week is before one of which little is known', () => {
    const monday = Date.parse('2026-08-03T00:00:00Z');
    const often = Array.from({ length: 30 }, () => ({ startMs: monday + 12 * HOUR_MS, entries: 1 }));
    const { best } = rankedOf([...often, { startMs: monday, entries: 29 }], 'UTC', (hour) => hour === 0);
    assert.deepEqual(
      best.map(({ weekday, hour }) => [weekday, hour]),
      [[1, 12]],
    );
    const { best: none, entries } = rankedOf([], 'UTC', () => false);
    assert.deepEqual([none, entries], [[], 0]);
    assert.deepEqual(
      [21, 22, 7, 8].map((hour) => isQuietHour(hour, { from: '22:00', to: '08:00' })),
      [false, true, true, false],
    );
  });
});
