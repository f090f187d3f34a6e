import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import { openAdministration, type Administration } from '../admin/administration.ts';
import { TestClock } from '../support/clock.ts';
import { forEachDatabase } from '../support/databases.ts';
import { tellOf } from './behaviors.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** A Tuesday, noon in Shanghai. */
const NOON_MS = Date.parse('2026-03-03T04:00:00Z');
const STEPS = [
  { kind: 'page', name: 'campaign' },
  { kind: 'action', name: 'draw' },
  { kind: 'page', name: 'prizes' },
];
const FUNNEL = { steps: STEPS, window_seconds: 3600 };

forEachDatabase('funnels', (_open, openUrl) => {
  let here: Administration;
  const clock = new TestClock(NOON_MS);
  before(async function () {
    this.timeout(60_000);
    here = await openAdministration(await openUrl(), { clock });
  });
  after(() => here?.venue.close());

  const ok = async (answer: Promise<{ code: string; data: any }>): Promise<any> => {
    const { code, data } = await answer;
    assert.equal(code, 'OK', JSON.stringify(data));
    return data;
  };
  const run = (body: object) => ok(here.call('POST', '/analytics/funnels/run', body, here.admin));
  const change = (sql: string, parameters: unknown[]) =>
    here.venue.context.database.transaction((tx) => tx.execute(sql, parameters));

  it('RS-1 RS-2 RS-3 merged accounts are one person, late rows count, whoever works here does not', async function () {
    this.timeout(60_000);
    const { database } = here.venue.context;
    const [whole, half, kept, gone, tester] = await Promise.all(
      Array.from({ length: 5 }, () => here.recruit()),
    );
    await change('UPDATE user_points_accounts SET merged_into = ? WHERE user_id = ?', [
      kept!.userId,
      gone!.userId,
    ]);
    await change('UPDATE users SET is_test = 1 WHERE user_id = ?', [tester!.userId]);
    const yesterday = NOON_MS - DAY_MS;
    const through = ({ userId }: { userId: number }) => [
      // As they arrive: the last one first.
      { userId, name: 'prizes', atMs: yesterday + 9 * MINUTE_MS },
      { userId, name: 'draw', kind: 'action' as const, atMs: yesterday + MINUTE_MS },
      { userId, name: 'campaign', atMs: yesterday },
    ];
    await tellOf(database, [
      ...[whole!, tester!, here.staff].flatMap(through),
      // Twice at one moment, and never on.
      ...[0, 0].map(() => ({ userId: half!.userId, name: 'campaign', atMs: yesterday })),
      // One began, the other, which is the same person, went on.
      { userId: gone!.userId, name: 'campaign', atMs: yesterday },
      { userId: kept!.userId, name: 'draw', kind: 'action', atMs: yesterday + 3 * MINUTE_MS },
      // Before anybody asks, and too late for the window.
      { userId: kept!.userId, name: 'prizes', atMs: yesterday + 2 * 3600_000 },
      { userId: half!.userId, name: 'draw', kind: 'action', atMs: yesterday - MINUTE_MS },
    ]);
    const report = await run({ ...FUNNEL, from: '2026-03-02', to: '2026-03-02' });
    const { items, ...said } = report;
    assert.deepEqual(
      items.map((one: any) => [one.step, one.units, one.overall_rate, one.step_rate, one.median_seconds]),
      [
        [1, 3, 1, null, null],
        [2, 2, 2 / 3, 2 / 3, 120],
        [3, 1, 1 / 3, 1 / 2, 480],
      ],
    );
    assert.deepEqual(said, {
      ...{ business_timezone: 'Asia/Shanghai', from: '2026-03-02', to: '2026-03-02' },
      ...{ is_last_complete: true, sample_percent: 100, rows_read: said.rows_read, is_truncated: false },
      ...{ window_seconds: 3600, order: 'ordered', unit: 'person', begun: 3, finished: 1 },
      ...{ overall_rate: 1 / 3, median_seconds: 540, p90_seconds: 540 },
    });
    const { is_last_complete } = await run({ ...FUNNEL, to: '2026-03-03' });
    assert.equal(is_last_complete, false, 'today goes on');
  });

  it('RS-1 of visits each is one, and no step is done in another', async () => {
    const { userId } = await here.recruit();
    const atMs = NOON_MS - 5 * DAY_MS;
    await tellOf(here.venue.context.database, [
      { userId, name: 'campaign', atMs, visit: 'a' },
      { userId, name: 'campaign', atMs: atMs + 1, visit: 'b' },
      { userId, name: 'draw', kind: 'action', atMs: atMs + 2, visit: 'a' },
      { userId, name: 'prizes', atMs: atMs + 3, visit: 'b' },
    ]);
    const day = '2026-02-26';
    const units = async (unit: string) =>
      (await run({ ...FUNNEL, unit, from: day, to: day })).items.map((one: any) => one.units);
    assert.deepEqual(
      [await units('visit'), await units('person')],
      [
        [2, 1, 0],
        [1, 1, 1],
      ],
    );
  });

  it('RS-1 who has more rows than one page has is told of whole, between others', async function () {
    this.timeout(60_000);
    const people = await Promise.all([here.recruit(), here.recruit(), here.recruit()]);
    const [first, busy, last] = people.sort((a, b) => a.userId - b.userId);
    const atMs = NOON_MS - 8 * DAY_MS;
    const browsing = Array.from({ length: 4500 }, (_, at) => ({
      ...{ userId: busy.userId, name: 'campaign', atMs: atMs + 1 + Math.floor(at / 3) },
    }));
    await tellOf(here.venue.context.database, [
      ...browsing,
      ...[first, busy, last].flatMap(({ userId }) => [
        { userId, name: 'campaign', atMs },
        { userId, name: 'draw', kind: 'action' as const, atMs: atMs + 10 * MINUTE_MS },
      ]),
    ]);
    const day = '2026-02-23';
    const report = await run({ ...FUNNEL, order: 'strict', from: day, to: day });
    assert.deepEqual([report.rows_read, report.is_truncated], [4506, false]);
    assert.deepEqual(
      report.items.map((one: any) => [one.units, one.median_seconds]),
      // Of pages and actions one after the other: the last look, and then the draw.
      [
        [3, null],
        [3, 600],
        [0, null],
      ],
    );
  });

  it('RS-1 what is no funnel is refused, and so are days that are no range', async () => {
    const refused = async (body: object) => {
      const { code } = await here.call('POST', '/analytics/funnels/run', body, here.admin);
      assert.equal(code, 'VALIDATION_FAILED', JSON.stringify(body));
    };
    const step = STEPS[0]!;
    await refused({ ...FUNNEL, steps: [] });
    await refused({ ...FUNNEL, steps: Array.from({ length: 9 }, () => step) });
    await refused({ ...FUNNEL, steps: [{ ...step, target_id: 3 }] });
    await refused({ ...FUNNEL, window_seconds: 91 * 86_400 });
    await refused({ ...FUNNEL, from: '2026-03-02', to: '2026-03-01' });
    await refused({ ...FUNNEL, from: '2025-03-02', to: '2026-03-01' });
    const { code } = await here.call('POST', '/analytics/funnels/run', FUNNEL, here.diner);
    assert.equal(code, 'FORBIDDEN');
    // Who may read the statistics of a restaurant may not read those of all.
    const granted = { permission: 'statistics:read', is_granted: true };
    const allow = await here.call('PUT', `/admin/users/${here.staff.userId}/permissions`, granted);
    assert.equal(allow.code, 'OK', JSON.stringify(allow.data));
    for (const [method, path, body] of [
      ['POST', '/analytics/funnels/run', FUNNEL],
      ['GET', '/smart/behavior-analysis?kind=features', undefined],
    ] as const)
      assert.equal((await here.call(method, path, body, here.staff)).code, 'FORBIDDEN', path);
  });

  it('B-5 a funnel is kept, told of under its name, changed by its version, and given up', async () => {
    const call = (method: string, path: string, body?: unknown) =>
      here.call(method, `/analytics/funnels${path}`, body, here.admin);
    const made = await ok(call('POST', '', { name: '看到抽奖', ...FUNNEL }));
    const { funnel_id: id } = made;
    assert.deepEqual((await ok(call('GET', ''))).items.at(-1), made);
    const report = await ok(call('GET', `/${id}/report?from=2026-03-02&to=2026-03-02`));
    assert.deepEqual([report.begun, report.finished], [3, 1]);
    const changed = await ok(call('PUT', `/${id}`, { version: 1, order: 'any', name: '随意' }));
    assert.deepEqual([changed.version, changed.order, changed.steps], [2, 'any', made.steps]);
    assert.equal((await call('PUT', `/${id}`, { version: 1, unit: 'visit' })).code, 'CONFLICT');
    assert.equal((await ok(call('PUT', `/${id}`, { version: 2, order: 'any' }))).version, 2);
    const [audit] = await here.audits();
    assert.deepEqual(audit?.after, { order: 'any', name: '随意', version: 2 });
    await ok(call('DELETE', `/${id}`));
    assert.equal((await call('GET', `/${id}/report`)).code, 'NOT_FOUND');
  });
});
