import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import { AnalyticsBehavior } from '../../entities/analytics/AnalyticsBehavior.ts';
import { AnalyticsRealtimeStat } from '../../entities/analytics/AnalyticsRealtimeStat.ts';
import { UserPointsAccount } from '../../entities/points/UserPointsAccount.ts';
import { LIMITS } from '../../src/platform/limits.ts';
import { openAdministration, type Administration } from '../admin/administration.ts';
import { TestClock } from '../support/clock.ts';
import { forEachDatabase } from '../support/databases.ts';
import type { Login } from '../support/server.ts';

/** Noon in Shanghai. */
const NOON_MS = Date.parse('2026-03-03T04:00:00Z');
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

forEachDatabase('what clients tell of', (_open, openUrl) => {
  let here: Administration;
  const clock = new TestClock(NOON_MS);
  before(async function () {
    this.timeout(60_000);
    here = await openAdministration(await openUrl(), { clock });
  });
  after(() => here?.venue.close());

  let nextEvent = 0;
  const page = (more: object = {}) => ({
    event_id: `event-${nextEvent++}`,
    kind: 'page',
    name: 'home',
    at: new Date(clock.nowMs()).toISOString(),
    ...more,
  });
  const at = (aheadMs: number) => new Date(clock.nowMs() + aheadMs).toISOString();
  const tell = (behaviors: object[], by: Login, sent_at = at(0), visit_id = 'visit') =>
    here.call('POST', '/analytics/behaviors', { sent_at, visit_id, behaviors }, by);
  const told = async (behaviors: object[], by: Login, sent_at?: string, visit_id?: string) => {
    const { code, data } = await tell(behaviors, by, sent_at, visit_id);
    assert.equal(code, 'OK', JSON.stringify(data));
    return data;
  };
  const rowsOf = ({ userId }: Login) =>
    here.venue.context.database.currentReader.find(AnalyticsBehavior, {
      where: { user_id: userId },
      order: { behavior_id: 'ASC' },
    });
  const realtime = async (query: string) => {
    const { code, data } = await here.call('GET', `/analytics/realtime${query}`);
    assert.equal(code, 'OK', JSON.stringify(data));
    return data;
  };

  it('B-1 RS-4 what is good is stored, and what is not is refused by its place, its id and a reason', async () => {
    const guest = await here.recruit();
    const wrong: [object, string][] = [
      [page({ kind: 'nothing' }), 'invalid'],
      [page({ name: 'Über' }), 'invalid'],
      [page({ duration_ms: 5 }), 'invalid'],
      [{ ...page(), kind: 'dwell' }, 'invalid'],
      [page({ target_id: 1 }), 'invalid'],
      [page({ more: 1 }), 'invalid'],
      [page({ at: at(5 * MINUTE_MS + 1) }), 'too_far_ahead'],
      [page({ at: at(-7 * DAY_MS - 1) }), 'too_old'],
      [{}, 'invalid'],
    ];
    const good = [
      page({ at: at(5 * MINUTE_MS) }),
      page({ at: at(-7 * DAY_MS) }),
      page({ kind: 'dwell', duration_ms: 4200 }),
      page({ kind: 'exposure', name: 'recommended', position: 3, target_type: 'campaign', target_id: 1 }),
    ];
    const data = await told([...wrong.map(([given]) => given), ...good], guest);
    assert.deepEqual([data.accepted, data.duplicates, data.ignored], [good.length, 0, 0]);
    assert.deepEqual(
      data.refused,
      wrong.map(([given, reason], index) => ({
        index,
        event_id: (given as { event_id?: string }).event_id ?? null,
        reason,
      })),
    );
    const rows = await rowsOf(guest);
    assert.deepEqual(
      rows.map((row) => [row.event_id, row.kind, row.duration_ms, row.position, row.target_id]).sort(),
      good
        .map((one: any) => [
          one.event_id,
          one.kind,
          one.duration_ms ?? null,
          one.position ?? null,
          one.target_id ?? null,
        ])
        .sort(),
    );
    for (const count of [0, LIMITS.behaviorsPerCall + 1]) {
      const { code } = await tell(
        Array.from({ length: count }, () => page()),
        guest,
      );
      assert.equal(code, 'VALIDATION_FAILED', String(count));
    }
  });

  it("RS-4 a client's clock is corrected by when it says that it sends, however wrong it is", async () => {
    const guest = await here.recruit();
    for (const wrongMs of [-20 * 365 * DAY_MS, 3 * DAY_MS]) {
      const happened = page({ at: at(wrongMs - 2 * MINUTE_MS) });
      const data = await told([happened], guest, at(wrongMs));
      assert.equal(data.accepted, 1, JSON.stringify(data));
      const row = (await rowsOf(guest)).find(({ event_id }) => event_id === happened.event_id)!;
      assert.equal(row.occurred_at.getTime(), clock.nowMs() - 2 * MINUTE_MS);
      assert.equal(row.received_at.getTime(), clock.nowMs());
    }
  });

  it('RS-4 an event is stored once: again after a lost answer, twice in a batch, at once; of another person it is another', async () => {
    const [guest, other] = [await here.recruit(), await here.recruit()];
    const events = [page(), page({ kind: 'action', name: 'draw' })];
    assert.equal((await told([...events, events[0]!], guest)).duplicates, 1);
    clock.advance(MINUTE_MS);
    assert.deepEqual(pick(await told(events, guest)), [0, 2, 0]);
    const again = await Promise.all(Array.from({ length: 8 }, () => told([events[0]!, page()], guest)));
    assert.deepEqual(
      again.map(pick),
      again.map(() => [1, 1, 0]),
    );
    assert.deepEqual(pick(await told(events, other)), [2, 0, 0]);
    assert.equal((await rowsOf(guest)).length, 10);
  });

  it('RS-3 of those who work here, and of test accounts, it is answered and not kept; of both sides of that, it is', async () => {
    const [worker, tester, guest] = [await here.recruit('staff'), await here.recruit(), await here.recruit()];
    const tries = async () => (await realtime('?period=day&name=tried')).items.at(-1).entries;
    const mark = (is_test: boolean) => here.call('PUT', `/admin/users/${tester.userId}/test`, { is_test });
    await told([page({ name: 'tried' }), page({ name: 'tried' })], tester);
    assert.equal(await tries(), 2);
    for (const _ of [1, 2]) assert.equal((await mark(true)).code, 'OK');
    assert.deepEqual([(await rowsOf(tester)).length, await tries()], [0, 0]);
    assert.equal((await here.call('GET', `/admin/users/${tester.userId}`)).data.is_test, true);
    const marked = (await here.audits()).filter(({ action }) => action === 'user.test');
    assert.deepEqual(
      marked.map(({ before, after }) => [before, after]),
      [[{ is_test: false }, { is_test: true }]],
    );
    for (const one of [worker, tester, here.superAdmin]) {
      assert.deepEqual(pick(await told([page(), page()], one)), [0, 0, 2]);
      assert.equal((await rowsOf(one)).length, 0);
    }
    assert.equal((await mark(false)).code, 'OK');
    for (const one of [tester, guest]) assert.deepEqual(pick(await told([page()], one)), [1, 0, 0]);
  });

  it('B-3 RS-2 RS-5 minutes, hours and days of the business zone have what was told of, zeros in between, and say when they are complete', async () => {
    clock.set(Date.parse('2026-03-10T15:58:30Z'));
    // After so long nobody is logged in any more.
    Object.assign(here.superAdmin, await here.venue.login('13800000000'));
    const guest = await here.venue.login('13900000003');
    const midnight = Date.parse('2026-03-10T16:00:00Z');
    const happenings = [-3 * 60, -121, -119, -60, 0].map((seconds) =>
      page({
        kind: 'dwell',
        name: 'rank',
        duration_ms: 1000,
        at: new Date(midnight + seconds * 1000).toISOString(),
      }),
    );
    // As of then.
    clock.set(midnight + 30_000);
    await told(happenings, guest, at(0));
    const minutes = await realtime('?kind=dwell&name=rank&from=2026-03-10T15:56:30Z');
    assert.deepEqual(
      minutes.items.map((item: any) => [
        item.starts_at.slice(11, 16),
        item.entries,
        item.duration_ms,
        item.is_complete,
      ]),
      [
        ['15:56', 0, 0, true],
        ['15:57', 2, 2000, true],
        ['15:58', 1, 1000, true],
        ['15:59', 1, 1000, false],
        ['16:00', 1, 1000, false],
      ],
    );
    const { period, unit, business_timezone, is_last_complete, sample_percent, from, to } = minutes;
    assert.deepEqual(
      { period, unit, business_timezone, is_last_complete, sample_percent, from, to },
      {
        ...{ period: 'minute', unit: 'behaviors', business_timezone: 'Asia/Shanghai' },
        ...{ is_last_complete: false, sample_percent: 100 },
        ...{ from: '2026-03-10T15:56:00.000Z', to: '2026-03-10T16:01:00.000Z' },
      },
    );
    const sums = async (query: string) =>
      (await realtime(query)).items.slice(-2).map((item: any) => [item.starts_at, item.entries]);
    assert.deepEqual(await sums('?period=hour&kind=dwell&name=rank'), [
      ['2026-03-10T15:00:00.000Z', 4],
      ['2026-03-10T16:00:00.000Z', 1],
    ]);
    assert.deepEqual(await sums('?period=day&kind=dwell&name=rank'), [
      ['2026-03-09T16:00:00.000Z', 4],
      ['2026-03-10T16:00:00.000Z', 1],
    ]);
    const { data } = await here.call('GET', '/analytics/realtime/names?period=hour&kind=dwell');
    assert.deepEqual(data.items, [{ kind: 'dwell', name: 'rank', entries: 5, duration_ms: 5000 }]);
    const table = await fetch(
      `${here.venue.origin}/api/v3/analytics/realtime?period=day&format=csv&from=2026-03-08T16:00:00Z`,
      { headers: { authorization: `Bearer ${here.superAdmin.token}` } },
    );
    assert.equal((await table.text()).trim().split('\n').length, 1 + 3);
    for (const query of [
      '?from=2026-03-01T00:00:00Z',
      '?period=hour&from=2025-03-01T00:00:00Z',
      '?period=day&from=2019-03-01T00:00:00Z',
      '?from=2026-03-10T15:57:00Z&to=2026-03-10T15:57:00Z',
    ])
      assert.equal((await here.call('GET', `/analytics/realtime${query}`)).code, 'VALIDATION_FAILED', query);
    assert.equal((await here.call('GET', '/analytics/realtime', undefined, guest)).code, 'FORBIDDEN');
  });

  it('RS-4 one person may tell so much and no more, and bring so many names; others go on', async () => {
    const [flood, guest] = [await here.recruit(), await here.recruit()];
    await told([page()], guest);
    const names = Array.from({ length: LIMITS.behaviorNamesPerPerson + 5 }, (_, n) =>
      page({ name: `made-up-${n}` }),
    );
    const { accepted, refused } = await told(names, flood);
    assert.equal(accepted, LIMITS.behaviorNamesPerPerson);
    assert.deepEqual(
      refused.map((one: any) => [one.index, one.reason]),
      [0, 1, 2, 3, 4].map((n) => [LIMITS.behaviorNamesPerPerson + n, 'too_many_names']),
    );
    assert.equal((await told([page({ name: 'made-up-0' })], guest)).accepted, 1);
    const batch = () => Array.from({ length: LIMITS.behaviorsPerCall }, () => page());
    const calls = LIMITS.behaviorsAtOnce / LIMITS.behaviorsPerCall + 1;
    for (let n = 0; n < calls; n++) await tell(batch(), flood);
    const { status, code, headers } = await tell(batch(), flood);
    assert.deepEqual([status, code], [429, 'RATE_LIMITED']);
    assert.ok(Number(headers.get('retry-after')) > 0);
    assert.equal((await told([page()], guest)).accepted, 1);
    clock.advance(DAY_MS / 24);
  });

  it('RS-14 A-11 an export has it, also of accounts that were merged; whoever closes the account takes it away now, also out of the sums', async function () {
    this.timeout(60_000);
    const [guest, earlier] = [await here.recruit(), await here.recruit()];
    const day = async () => (await realtime('?period=day&name=leaving')).items.at(-1).entries;
    await told([page({ name: 'leaving' }), page({ name: 'leaving', kind: 'action' })], guest);
    await told([page({ name: 'leaving', kind: 'exposure' })], earlier);
    assert.equal(await day(), 3);
    // As a merge leaves it: rows stay where they were told of, and the account says whose they are.
    const { database } = here.venue.context;
    await database.transaction((tx) =>
      tx.manager.update(
        UserPointsAccount,
        { user_id: earlier.userId },
        { merged_into: guest.userId, has_merged: false },
      ),
    );
    const exported = await here.call('GET', '/auth/export', undefined, guest);
    assert.deepEqual(exported.data.behaviors.items.map((item: any) => [item.kind, item.name]).sort(), [
      ['action', 'leaving'],
      ['exposure', 'leaving'],
      ['page', 'leaving'],
    ]);
    assert.equal((await here.call('DELETE', '/auth/me', { code: '123456' }, guest)).code, 'OK');
    assert.deepEqual([(await rowsOf(guest)).length, (await rowsOf(earlier)).length, await day()], [0, 0, 0]);
    const stats = await database.currentReader.findBy(AnalyticsRealtimeStat, { name: 'leaving' });
    assert.ok(stats.every(({ entries, duration_ms }) => entries === 0 && duration_ms === 0));
  });
});

function pick(data: any): number[] {
  return [data.accepted, data.duplicates, data.ignored];
}
