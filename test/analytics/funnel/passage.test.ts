import assert from 'node:assert/strict';
import fc from 'fast-check';
import { it } from 'mocha';
import type {
  Deed,
  Funnel,
  FunnelOrder,
  FunnelStep,
  Span,
} from '../../../src/analytics/funnel/definition.ts';
import { passageOf } from '../../../src/analytics/funnel/passage.ts';
import { FunnelTally } from '../../../src/analytics/funnel/tally.ts';
import { bestPassage } from './bruteForce.ts';

const RUNS = 3000;
const often = <Value>(value: Value, times: number) => Array.from({ length: times }, () => value);
/** More deeds than names, and more of them than moments: most runs have steps that repeat, and several at one moment. */
const deed = fc.record({
  kind: fc.constantFrom(...often('page', 6), 'action'),
  name: fc.constantFrom('a', 'b', 'b'),
  targetType: fc.constantFrom(null, ...often('product', 3)),
  targetId: fc.constantFrom(1, 1, 2),
  visitId: fc.constantFrom('v1', 'v2'),
  atMs: fc.integer({ min: 0, max: 7 }),
});
const step = fc.record<FunnelStep>({
  kind: fc.constantFrom(...often('page', 9), 'action'),
  name: fc.constantFrom('a', 'b', 'b'),
  targetType: fc.constantFrom(...often(null, 4), 'product'),
  targetId: fc.constantFrom(...often(null, 4), 1),
});
const funnelOf = (order: FunnelOrder) =>
  fc.record<Funnel>({
    steps: fc.array(step, { minLength: 2, maxLength: 4 }),
    windowMs: fc.constantFrom(0, 1, 2, 3, 5, 8),
    order: fc.constant(order),
    unit: fc.constant('person'),
  });
const span = fc.record<Span>({
  fromMs: fc.integer({ min: 0, max: 2 }),
  toMs: fc.integer({ min: 3, max: 8 }),
});
const byTime = (deeds: readonly Deed[]) => deeds.toSorted((a, b) => a.atMs - b.atMs);

function medianOf(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  if (half === 0) return undefined;
  return Number.isInteger(half) ? (sorted[half - 1]! + sorted[half]!) / 2 : sorted[half - 0.5];
}

describe('funnels', () => {
  for (const order of ['ordered', 'strict', 'any'] as const)
    it(`RS-1 ${order} steps give the answer of whoever tries all passages, whatever the order in which rows arrive`, function () {
      this.timeout(60_000);
      const depths = [0, 0, 0, 0, 0];
      fc.assert(
        fc.property(
          fc.array(deed, { minLength: 3, maxLength: 7 }),
          funnelOf(order),
          span,
          (deeds, funnel, within) => {
            const found = passageOf(funnel, within, byTime(deeds));
            const expected = bestPassage(funnel, within, deeds);
            const timesMs = order === 'any' ? undefined : expected.timesMs;
            assert.deepEqual(found, { ...expected, timesMs: expected.reached === 0 ? [] : timesMs });
            depths[found.reached]! += 1;
            assert.deepEqual(passageOf(funnel, within, byTime(deeds.toReversed())), found, 'late arrival');
            assert.ok(found.endMs >= found.startMs);
          },
        ),
        { numRuns: RUNS, seed: 1 },
      );
      // What is compared is no row of noughts.
      assert.ok(Math.min(...depths) > RUNS / 150, depths.join());
    });

  it('RS-1 a unit counts once in each step it comes to, people and visits alike, and rates are two numbers', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(deed, { maxLength: 5 }), { maxLength: 4 }),
        fc.constantFrom('ordered', 'strict', 'any').chain(funnelOf),
        fc.constantFrom('person' as const, 'visit' as const),
        span,
        (people, base, unit, within) => {
          const funnel = { ...base, unit };
          const tally = new FunnelTally(funnel, within);
          for (const deeds of people) tally.add(byTime(deeds));
          const units = people.flatMap((deeds) =>
            unit === 'person' ? [deeds] : ['v1', 'v2'].map((id) => deeds.filter((one) => one.visitId === id)),
          );
          const found = units.map((deeds) => bestPassage(funnel, within, deeds));
          const reached = found.map((one) => one.reached);
          const report = tally.report();
          for (const [
            at,
            { units: count, overallRate, stepRate, fromPreviousMs },
          ] of report.steps.entries()) {
            assert.equal(count, reached.filter((one) => one > at).length);
            const before = report.steps[at - 1]?.units ?? 0;
            assert.equal(overallRate, report.begun === 0 ? null : count / report.begun);
            assert.equal(stepRate, before === 0 ? null : count / before);
            assert.ok(fromPreviousMs === null || (fromPreviousMs.median >= 0 && fromPreviousMs.p90 >= 0));
          }
          assert.equal(report.finished, report.steps.at(-1)!.units);
          const whole = found.filter((one) => one.reached === funnel.steps.length);
          assert.equal(report.wholeMs?.median, medianOf(whole.map(({ startMs, endMs }) => endMs - startMs)));
          if (funnel.order === 'any') return;
          const second = found.filter((one) => one.reached > 1).map(({ timesMs: [a, b] }) => b! - a!);
          assert.equal(report.steps[1]!.fromPreviousMs?.median, medianOf(second));
        },
      ),
      { numRuns: 1000, seed: 2 },
    );
  });

  it('RS-1 ten thousand deeds of one person at one moment, or one after the other, take no time', () => {
    const many = (atMs: (at: number) => number): Deed[] =>
      Array.from({ length: 10_000 }, (_, at) => ({
        ...{ kind: 'page', name: 'abc'[at % 3]!, targetType: null, targetId: null, visitId: 'v1' },
        atMs: atMs(at),
      }));
    const target = { targetType: null, targetId: null };
    const steps = [...'abcabcab'].map((name) => ({ kind: 'page', name, ...target }));
    const startMs = performance.now();
    for (const order of ['ordered', 'strict', 'any'] as const)
      for (const deeds of [many(() => 5), many((at) => at)]) {
        const funnel = { steps, order, windowMs: 100_000, unit: 'person' } as const;
        assert.equal(passageOf(funnel, { fromMs: 0, toMs: 100_000 }, deeds).reached, 8);
      }
    assert.ok(performance.now() - startMs < 2000, `${performance.now() - startMs} ms`);
  });
});
