import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { DrawEngine } from '../../src/draw/engine.ts';
import { findInterval, levelBonusOf, pityBonusOf, ROLL_RANGE } from '../../src/draw/odds.ts';
import { countdownOf } from '../../src/lottery/countdown.ts';
import { oddsOf } from '../../src/lottery/odds.ts';
import { configOf, prizesArbitrary } from '../draw/configs.ts';

const START_MS = Date.parse('2026-03-01T00:00:00.000Z');
const at = (seconds: number) => START_MS + seconds * 1000;

describe('odds of one diner', () => {
  it('RL-13 each prize has the interval that the engine’s integers give it, and no roll falls elsewhere', () => {
    const cases = fc.record({
      prizes: prizesArbitrary(12),
      level: fc.integer({ min: 1, max: 5 }),
      streak: fc.integer({ min: 0, max: 30 }),
      bonus: fc.integer({ min: 0, max: 30_000 }),
      rolls: fc.array(fc.integer({ min: 0, max: ROLL_RANGE - 1 }), { maxLength: 20 }),
      now: fc.integer({ min: 0, max: 200 }),
    });
    fc.assert(
      fc.property(cases, ({ prizes, level, streak, bonus, rolls, now }) => {
        const config = configOf({
          prizes,
          guarantee: { threshold: 10, prize_id: 1 },
          pity: [
            { after: 3, bonus_bp: bonus },
            { after: 20, bonus_bp: 2 * bonus },
          ],
          level_bonus_bp: { 2: 500, 4: 1500 },
          periods: [
            {
              starts_at: new Date(START_MS).toISOString(),
              ends_at: new Date(at(100)).toISOString(),
              bonus_bp: 700,
            },
          ],
        });
        const engine = new DrawEngine(config);
        const odds = oddsOf(engine, { tableVersion: 3, level, streak, nowMs: at(now) });
        const bonuses = {
          level_bp: levelBonusOf(config, level),
          period_bp: now < 100 ? 700 : 0,
          pity_bp: pityBonusOf(config, streak),
        };
        const { table_version, streak: told, guarantee_in, prizes: shown, ...toldBonuses } = odds;
        assert.deepEqual(toldBonuses, bonuses);
        assert.deepEqual([table_version, told, guarantee_in], [3, streak, Math.max(1, 10 - streak)]);
        assert.deepEqual(
          shown.map(({ prize_id }) => prize_id).sort((a, b) => a - b),
          prizes.map(({ prize_id }) => prize_id),
        );
        for (const { prize_id, probability, effective_probability, interval } of shown) {
          assert.equal(Math.round(probability * 1e8), engine.prize(prize_id).p);
          assert.equal(Math.round(effective_probability * ROLL_RANGE), interval.to - interval.from);
        }
        const edges = shown.flatMap(({ interval }) => [interval.from, interval.to - 1, interval.to]);
        for (const roll of [...rolls, ...edges].filter((one) => one >= 0 && one < ROLL_RANGE)) {
          const { prizeId } = findInterval(engine.tableFor(bonuses), roll);
          const mine = shown.find(({ interval }) => interval.from <= roll && roll < interval.to);
          assert.equal(mine?.prize_id ?? null, prizeId);
        }
      }),
    );
  });
});

describe('a countdown', () => {
  const pool = { status: 'scheduled' as const, startsAtMs: at(100), endsAtMs: at(400) };
  const shown = (status: Parameters<typeof countdownOf>[0]['status'], seconds: number) => {
    const { phase, seconds: left } = countdownOf({ ...pool, status }, at(seconds));
    return [phase, left];
  };

  it('RL-5 shows each tenth second to the start, then to the end, and each second of the last minute', () => {
    assert.deepEqual(shown('scheduled', 0), ['start', 100]);
    assert.deepEqual(shown('scheduled', 0.001), ['start', 100]);
    assert.deepEqual(shown('scheduled', 31), ['start', 70]);
    assert.deepEqual(shown('scheduled', 39.9), ['start', 70]);
    assert.deepEqual(shown('scheduled', 40), ['start', 60]);
    assert.deepEqual(shown('scheduled', 40.5), ['start', 60]);
    assert.deepEqual(shown('scheduled', 41), ['start', 59]);
    assert.deepEqual(shown('scheduled', 99.001), ['start', 1]);
    // The owner is about to start it.
    assert.deepEqual(shown('scheduled', 100.5), ['start', 0]);
    for (const status of ['active', 'paused'] as const) {
      assert.deepEqual(shown(status, 100), ['end', 300]);
      assert.deepEqual(shown(status, 101), ['end', 300]);
      assert.deepEqual(shown(status, 399.5), ['end', 1]);
    }
    for (const status of ['ended', 'archived'] as const) assert.deepEqual(shown(status, 50), ['over', 0]);
  });

  it('RL-5 within ten minutes it changes 54 + 60 times', () => {
    const ending = { status: 'active' as const, startsAtMs: START_MS, endsAtMs: at(600) };
    const seen = new Set<number>();
    for (let tenth = 0; tenth <= 6000; tenth++) seen.add(countdownOf(ending, at(tenth / 10)).seconds);
    assert.equal(seen.size, 54 + 61);
  });
});
