import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { AppError } from '../../../src/platform/errors.ts';
import { LIMITS } from '../../../src/platform/limits.ts';
import { parse } from '../../../src/platform/validate.ts';
import { definitionShape, readyRule, type ReadyRule } from '../../../src/points/rules/definition.ts';
import { DEFAULT_RULES } from '../../../src/points/rules/defaults.ts';
import { evaluate, type Uses } from '../../../src/points/rules/engine.ts';

const NOW_MS = Date.parse('2026-03-01T04:00:00.000Z');
const FACTS = { level: 2, experience: 0, history_points: 0, account_days: 0, bill_amount: 12_345 };

function rebate(ruleId: number, definition: object): ReadyRule {
  const read = parse(definitionShape('rebate'), { amount: '100', ...definition });
  return readyRule('rebate', { ruleId, version: 1, name: `rule ${ruleId}`, definition: read });
}

function run(rules: readonly ReadyRule[], { facts = FACTS, uses = new Map<number, Uses>() } = {}) {
  return evaluate(facts, { rules, uses, nowMs: NOW_MS });
}

function pathsOf(definition: object): string[] {
  try {
    parse(definitionShape('rebate'), { amount: '1', ...definition });
  } catch (error) {
    assert.ok(error instanceof AppError && error.code === 'VALIDATION_FAILED');
    return (error.details as { path: string }[]).map(({ path }) => path);
  }
  return [];
}

describe('The engine of the rules of points (P-11)', () => {
  for (const amount of [
    '',
    '1 +',
    'true',
    '1.5',
    'nothing_known',
    'streak',
    '"a".matches("(a+)+$") ? 1 : 0',
    'matches("a", "a") ? 1 : 0',
    '[1].map(a, a).size()',
    'size([1])',
    'int("1")',
    'dyn(1)',
    '{"a": 1}.a',
    '["a"][0] == "a" ? 1 : 0',
    '1 < 1.5 ? 1 : 0',
    `1${' + 1'.repeat(10_000)}`,
    `${'('.repeat(400)}1${')'.repeat(400)}`,
    '1+'.repeat(150) + '1',
  ]) {
    it(`P-11: refuses the amount ${JSON.stringify(amount.slice(0, 40))} with its path`, () => {
      assert.deepEqual([...new Set(pathsOf({ amount }))], ['amount']);
    });
  }

  it('P-11: refuses conditions that are no bool, and an end before the beginning', () => {
    assert.deepEqual(pathsOf({ condition: 'bill_amount' }), ['condition']);
    assert.deepEqual(pathsOf({ starts_at: '2026-03-02T00:00:00Z', ends_at: '2026-03-01T00:00:00Z' }), [
      'ends_at',
    ]);
    assert.deepEqual(pathsOf({ condition: 'level in [2, 3] && account_days >= 2' }), []);
  });

  it('RP-10: explains every rule: why it did not match, its amount, what stopped it, and the cap that cut it', () => {
    const rules = [
      rebate(1, { amount: 'bill_amount / 100 * 2', priority: 9, multiplier_by_level: { '2': 15_000 } }),
      rebate(2, { condition: 'bill_amount > 99999', priority: 8 }),
      rebate(3, { priority: 7, starts_at: '2026-03-01T04:00:00.001Z' }),
      rebate(4, { priority: 7, ends_at: '2026-03-01T04:00:00.000Z' }),
      rebate(5, { amount: '1 / (level - 2)', priority: 6, stacking: 'exclusive' }),
      rebate(6, { amount: '0', priority: 5 }),
      rebate(7, { amount: '500', priority: 4, caps: { day: 4, week: 3.5, month: null } }),
      rebate(8, {
        amount: '500',
        priority: 3,
        caps: { day: 2, week: null, month: null },
        stacking: 'exclusive',
      }),
      rebate(9, {}),
    ];
    const uses = new Map([
      [7, { day: 0, week: 100, month: 100 }],
      // More than the cap: it was larger this morning.
      [8, { day: 300, week: 300, month: 300 }],
    ]);
    const { grants, explain } = run([...rules].reverse(), { uses });
    assert.deepEqual(
      explain.map((one) => [one.rule_id, one.matched, one.reason, one.hundredths, one.cap, one.stopped_by]),
      [
        [1, true, 'granted', 369, null, null],
        [2, false, 'condition', 0, null, null],
        [3, false, 'not_yet', 0, null, null],
        [4, false, 'over', 0, null, null],
        [5, false, 'failed', 0, null, null],
        [6, true, 'nothing', 0, null, null],
        [7, true, 'granted', 250, 'week', null],
        [8, true, 'capped', 0, 'day', null],
        [9, false, 'stopped', 0, null, 8],
      ],
    );
    assert.deepEqual(
      grants.map(({ ruleId, hundredths }) => [ruleId, hundredths]),
      [
        [1, 369],
        [7, 250],
      ],
    );
    assert.match(explain[4]!.failure!, /division by zero/);
    assert.equal(explain[6]!.hundredths_before_caps, 500);
  });

  it('P-11: refuses only the rule whose amount is below zero, too large, or overflows', () => {
    const amounts = ['0 - bill_amount', '9223372036854775807', 'bill_amount * 9223372036854775807'];
    const rules = [...amounts.map((amount, at) => rebate(at + 1, { amount })), rebate(4, { amount: '7' })];
    const { grants, explain } = run(rules);
    assert.deepEqual(grants, [{ ruleId: 4, version: 1, hundredths: 7 }]);
    assert.deepEqual(
      explain.map(({ reason }) => reason),
      ['failed', 'failed', 'failed', 'granted'],
    );
  });

  it('P-11: the rules of a new installation are valid; a rebate is 1 to 5 % by level', () => {
    for (const { type, definition } of DEFAULT_RULES) parse(definitionShape(type), definition);
    const of = DEFAULT_RULES.find(({ type }) => type === 'rebate')!.definition;
    const given = [0, 1, 3, 5, 9].map((level) => {
      const facts = { ...FACTS, bill_amount: 10_000, level };
      return run([rebate(1, of)], { facts }).grants[0]!.hundredths;
    });
    assert.deepEqual(given, [100, 100, 300, 500, 500]);
  });

  it('P-11: whatever a definition says, it is refused or grants between nothing and the bound', () => {
    const atom = fc.constantFrom(
      '1',
      '-7',
      '0',
      'bill_amount',
      'level',
      '9223372036854775807',
      '"a"',
      'experience',
      'true',
    );
    const operator = fc.constantFrom('+', '-', '*', '/', '%', '<', '==', '&&', 'in', '? 1 :');
    const formula = fc.oneof(
      fc.string({ maxLength: 30 }),
      fc.array(fc.tuple(atom, operator), { maxLength: 5 }).map((parts) => `${parts.flat().join(' ')} 1`),
    );
    const cap = fc.option(fc.integer({ min: 0, max: 100 }));
    const definition = fc.record({
      amount: formula,
      condition: fc.oneof(fc.constant('true'), formula),
      multiplier_by_level: fc.record({ '2': fc.integer({ min: 0, max: 1_000_000 }) }),
      caps: fc.record({ day: cap, week: cap, month: cap }),
    });
    fc.assert(
      fc.property(definition, fc.maxSafeNat(), (of, bill) => {
        if (pathsOf(of).length > 0) return;
        const { grants } = run([rebate(1, of)], { facts: { ...FACTS, bill_amount: bill } });
        for (const { hundredths } of grants) {
          assert.ok(
            Number.isSafeInteger(hundredths) && hundredths > 0 && hundredths <= LIMITS.pointsPerMovement,
          );
        }
      }),
      { numRuns: 500 },
    );
  });
});
