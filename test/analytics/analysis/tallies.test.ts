import assert from 'node:assert/strict';
import fc from 'fast-check';
import { it } from 'mocha';
import { ChurnTally, cycleOf } from '../../../src/analytics/analysis/churn.ts';
import { CohortTally, meansOf, StickinessTally } from '../../../src/analytics/analysis/cohorts.ts';
import { DwellTally, FeatureTally } from '../../../src/analytics/analysis/features.ts';
import { PathTally } from '../../../src/analytics/analysis/paths.ts';
import { autocorrelation, deviationOf, rhythmOf } from '../../../src/analytics/analysis/rhythm.ts';
import { Spread } from '../../../src/analytics/analysis/spread.ts';
import type { Behavior } from '../../../src/analytics/reading/readBehaviors.ts';
import { dayAfter, startOf } from '../../../src/points/statistics/periods.ts';

/** A Monday. */
const FIRST = '2026-01-05';
const dayAt = (at: number) => dayAfter(FIRST, at);
const behavior = fc.record<Behavior>({
  kind: fc.constantFrom('page', 'page', 'action', 'dwell'),
  name: fc.constantFrom('home', 'shop', 'draw'),
  targetType: fc.constant(null),
  targetId: fc.constant(null),
  visitId: fc.constantFrom('v1', 'v2'),
  durationMs: fc.integer({ min: 0, max: 999 }),
  atMs: fc.integer({ min: 0, max: 50 }),
});
const people = fc.array(
  fc.array(behavior, { maxLength: 12 }).map((all) => all.toSorted((a, b) => a.atMs - b.atMs)),
  { maxLength: 5 },
);
const active = fc
  .uniqueArray(fc.integer({ min: -40, max: 40 }), { maxLength: 15 })
  .map((days) => days.toSorted((a, b) => a - b));

describe('what people do', () => {
  it('RS-5 features, and how long people stay, are what all rows come to', () => {
    fc.assert(
      fc.property(people, (all) => {
        const [features, dwells] = [
          new FeatureTally((atMs) => dayAt(Math.floor(atMs / 10))),
          new DwellTally(),
        ];
        for (const behaviors of all) {
          features.add(behaviors);
          dwells.add(behaviors);
        }
        const rows = all.flatMap((behaviors, person) => behaviors.map((one) => ({ ...one, person })));
        const used = rows.filter(({ kind }) => kind !== 'dwell');
        const report = features.report();
        assert.equal(
          report.reduce((sum, { times }) => sum + times, 0),
          used.length,
        );
        for (const { kind, name, day, people: count, visits, times } of report) {
          const own = used.filter(
            (one) => one.kind === kind && one.name === name && dayAt(Math.floor(one.atMs / 10)) === day,
          );
          assert.equal(times, own.length);
          assert.equal(count, new Set(own.map(({ person }) => person)).size);
          assert.equal(visits, new Set(own.map(({ person, visitId }) => `${person} ${visitId}`)).size);
        }
        for (const { name, people: count, entries, mean, median } of dwells.report()) {
          const own = rows.filter((one) => one.kind === 'dwell' && one.name === name);
          const sorted = own.map(({ durationMs }) => durationMs!).sort((a, b) => a - b);
          assert.deepEqual([entries, count], [own.length, new Set(own.map(({ person }) => person)).size]);
          assert.equal(median, sorted[Math.ceil(sorted.length / 2) - 1]);
          assert.ok(Math.abs(mean - sorted.reduce((sum, value) => sum + value, 0) / sorted.length) < 1e-9);
        }
      }),
      { numRuns: 500, seed: 3 },
    );
  });

  it('RS-5 paths are those of all visits, as deep as was asked, and what is left out is counted', () => {
    fc.assert(
      fc.property(
        people,
        fc.constantFrom(undefined, 'shop'),
        fc.integer({ min: 1, max: 5 }),
        (all, start, depth) => {
          const tally = new PathTally({ start, depth });
          const expected = new Map<string, number>();
          let visits = 0;
          for (const behaviors of all) {
            tally.add(behaviors);
            for (const id of ['v1', 'v2']) {
              let pages = behaviors
                .filter(({ kind, visitId }) => kind === 'page' && visitId === id)
                .map(({ name }) => name);
              pages = pages.filter((name, at) => at === 0 || pages[at - 1] !== name);
              if (start !== undefined) pages = pages.includes(start) ? pages.slice(pages.indexOf(start)) : [];
              if (pages.length > 0) visits += 1;
              for (let step = 1; step <= Math.min(depth, pages.length); step++) {
                const key = JSON.stringify([step, pages[step - 1], pages[step] ?? null]);
                expected.set(key, (expected.get(key) ?? 0) + 1);
              }
            }
          }
          const { edges, others, visits: told } = tally.report();
          assert.equal(told, visits);
          const found = edges.map(
            ({ step, from, to, visits: count }) => [JSON.stringify([step, from, to]), count] as const,
          );
          assert.deepEqual(new Map(found), expected);
          assert.deepEqual(others, { edges: 0, visits: 0 });
        },
      ),
      { numRuns: 500, seed: 4 },
    );
    const many = new PathTally({ depth: 1 });
    const page = (name: string, visitId: string): Behavior => ({
      ...{ kind: 'page', name, visitId, targetType: null, targetId: null, durationMs: null, atMs: 0 },
    });
    for (let at = 0; at < 60; at++) many.add([page(`page ${at}`, 'v1')]);
    const { edges, others } = many.report();
    assert.deepEqual([edges.length, others], [50, { edges: 10, visits: 10 }]);
  });

  it('RS-2 RS-5 cohorts come back as they did, and a period that is not over is marked and in no mean', () => {
    fc.assert(
      fc.property(fc.array(active, { maxLength: 8 }), fc.constantFrom('day', 'week'), (all, period) => {
        const today = dayAt(30);
        const tally = new CohortTally({ period, from: FIRST, to: dayAt(20), today });
        const known = all.map((days) => days.map(dayAt).filter((day) => day <= today));
        for (const days of known) tally.add(days);
        const cells = tally.cells();
        const length = period === 'day' ? 1 : 7;
        for (const { cohort, people: count, later, returned, rate, is_complete: isComplete } of cells) {
          const own = known.filter(([first]) => first !== undefined && startOf(period, first) === cohort);
          assert.equal(count, own.length);
          const starts = dayAfter(cohort, later * length);
          assert.ok(starts <= today, 'what has not begun has no cell');
          const back = own.filter((days) => days.some((day) => startOf(period, day) === starts));
          assert.deepEqual([returned, rate], [back.length, back.length / own.length]);
          assert.equal(isComplete, dayAfter(starts, length) <= today);
        }
        for (const { later, cohorts, people: count, returned } of meansOf(cells)) {
          const own = cells.filter((cell) => cell.is_complete && cell.later === later);
          assert.deepEqual(
            [cohorts, count, returned],
            [
              own.length,
              own.reduce((sum, one) => sum + one.people, 0),
              own.reduce((sum, one) => sum + one.returned, 0),
            ],
          );
        }
      }),
      { numRuns: 500, seed: 5 },
    );
  });

  it('RS-5 who was here on a day, in a week and in a month are each counted once', () => {
    fc.assert(
      fc.property(fc.array(active, { maxLength: 6 }), (all) => {
        const [from, to] = [dayAt(0), dayAt(12)];
        const tally = new StickinessTally({ from, to, today: dayAt(10) });
        for (const days of all) tally.add(days.map(dayAt).filter((day) => day >= dayAt(-30) && day <= to));
        for (const [at, { dau, wau, mau, is_complete: isComplete }] of tally.report().entries()) {
          const within = (length: number) =>
            all.filter((days) => days.some((day) => day <= at && day > at - length)).length;
          assert.deepEqual([dau, wau, mau, isComplete], [within(1), within(7), within(30), at < 10]);
        }
      }),
      { numRuns: 500, seed: 6 },
    );
  });

  it('B-5 a rhythm by the week, or by the day, is found, and none where there is none', () => {
    const hours = (countOf: (hour: number, weekday: number) => number) =>
      Array.from({ length: 24 * 7 * 6 }, (_, at) => countOf(at % 24, Math.floor(at / 24) % 7));
    const weekly = rhythmOf(hours((hour, weekday) => (weekday >= 5 && hour >= 17 && hour < 22 ? 50 : 3)));
    assert.equal(weekly?.rhythm, 'weekly');
    assert.ok(weekly.by_week > 0.99);
    const daily = hours((hour) => (hour >= 11 && hour < 14 ? 30 : 2));
    assert.equal(rhythmOf(daily)?.rhythm, 'daily');
    let seed = 7;
    const chance = hours(() => (seed = (seed * 48_271) % 2_147_483_647) % 20);
    assert.equal(rhythmOf(chance)?.rhythm, 'none');
    assert.equal(rhythmOf(hours(() => 4)), undefined, 'what is always the same has none');
    assert.equal(autocorrelation([1, 2, 3], 2), undefined);
  });

  it('B-5 what is far from the same hours of weeks before is told, and what may be chance is not', () => {
    const before = [100, 104, 97, 101, 99, 103, 98, 100];
    assert.ok(deviationOf(200, before)!.score > 8);
    assert.ok(deviationOf(20, before)!.score < -7);
    assert.ok(Math.abs(deviationOf(115, before)!.score) < 3.5);
    assert.ok(Math.abs(deviationOf(3, [0, 0, 0, 0, 0, 0])!.score) < 3.5, 'three instead of none');
    // One wild week before does not hide the next one.
    assert.ok(deviationOf(200, [...before.slice(1), 5000])!.score > 8);
    assert.equal(deviationOf(200, [1, 2, 3]), undefined);
  });

  it('B-5 the risk is of the own cycle, and beside it stands how many of such came back', () => {
    const every = (days: number, until: number) =>
      Array.from({ length: 160 }, (_, at) => dayAt(at * days)).filter((day) => day <= dayAt(until));
    const asOf = dayAt(150);
    assert.equal(cycleOf(every(7, 150), asOf)?.risk, 'low');
    assert.deepEqual(
      [every(7, 150 - 22), every(30, 150 - 22), every(7, 60)].map((days) => cycleOf(days, asOf)?.risk),
      ['middle', 'low', 'high'],
      'three weeks are long for who comes every week, and nothing for who comes every month',
    );
    assert.equal(cycleOf(every(1, 145), asOf)?.risk, 'low', 'nobody is lost over a few days');
    assert.equal(cycleOf([dayAt(0), dayAt(5), dayAt(9)], asOf), undefined);
    const tally = new ChurnTally(asOf);
    for (const days of [every(7, 150), every(7, 100), every(7, 60), [...every(7, 60), dayAt(149)]])
      tally.add(days);
    assert.deepEqual(
      tally
        .report()
        .map(({ risk, people: count, tested, returned, returned_rate }) => [
          ...[risk, count, tested, returned, returned_rate],
        ]),
      [
        ['low', 2, 1, 1, 1],
        ['middle', 0, 1, 0, 0],
        ['high', 2, 2, 1, 0.5],
      ],
    );
  });

  it('B-5 quantiles are right to three digits in little memory', () => {
    const spread = new Spread();
    for (let value = 1; value <= 100_000; value++) spread.add(value);
    const { entries, mean, median, p90 } = spread.figures()!;
    assert.deepEqual([entries, mean], [100_000, 50_000.5]);
    assert.ok(
      Math.abs(median / 50_000 - 1) < 0.005 && Math.abs(p90 / 90_000 - 1) < 0.005,
      `${median} ${p90}`,
    );
    assert.equal(new Spread().figures(), undefined);
  });
});
