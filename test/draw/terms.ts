/** Terms for tests of the market's rules, and what they come to when everything is tried one by one with the engine. */
import fc from 'fast-check';
import { DrawEngine } from '../../src/draw/engine.ts';
import { hundredthsOf } from '../../src/draw/hundredths.ts';
import { levelBonusOf, periodBonusOf, pityBonusOf } from '../../src/draw/odds.ts';
import { DISCLOSURES, type PrizeTerms, type Terms } from '../../src/draw/terms.ts';
import { configOf, prizeOf } from './configs.ts';

export const STARTS_AT = '2026-03-01T00:00:00.000Z';
export const ENDS_AT = '2026-03-31T16:00:00.000Z';

export function prizeTermsOf(prize: Partial<PrizeTerms> & { prize_id: number }): PrizeTerms {
  return { ...prizeOf(prize), won: prize.won ?? 0 };
}

export function termsOf(terms: Partial<Terms>): Terms {
  return {
    ...configOf({}),
    prizes: [],
    starts_at: STARTS_AT,
    ends_at: ENDS_AT,
    total_draws: 10_000,
    draws_per_user_per_day: 10,
    free_draws_per_day: 1,
    wins_per_user: 3,
    draws_per_second: 2,
    conditions: {
      min_level: 2,
      max_level: 4,
      min_history_points: 100,
      registered_before: '2026-02-01T00:00:00.000Z',
      registered_after: '2025-01-01T00:00:00.000Z',
      segments: ['active', 'silent'],
      visited_restaurant_ids: [1, 2],
    },
    claim_days: 7,
    return_unclaimed: true,
    restaurant_ids: [1, 2],
    disclosures: Object.fromEntries(DISCLOSURES.map((name) => [name, `${name} of it`])),
    ...terms,
  };
}

/** A chance as an exact fraction: the engine scales down what is more than all, and rounds. */
interface Chance {
  share: bigint;
  of: bigint;
}

interface State {
  level: number;
  streak: number;
  timeMs: number;
  /** Prizes of which there are none. */
  gone: ReadonlySet<number>;
}

/** Whether in any state a prize of any worth, or any prize at all, was likelier; or a fallback was worth more. */
export function isWorseByTrying(before: Terms, after: Terms): boolean {
  for (const state of everyState(before, after)) {
    const was = outcomesOf(before, state);
    const becomes = outcomesOf(after, state);
    for (const worth of [-1, ...before.prizes.map(({ value }) => hundredthsOf(value))]) {
      const old = chanceOf(was, before, worth);
      const fresh = chanceOf(becomes, after, worth);
      if (fresh.share * old.of < old.share * fresh.of) return true;
    }
    for (const { prize_id, p } of before.prizes)
      if (p > 0 && worthIn(after, prize_id, state) < worthIn(before, prize_id, state)) return true;
  }
  return false;
}

/** Levels beyond the named ones, streaks beyond the last step, and every moment at which something turns. */
function* everyState(before: Terms, after: Terms): Generator<State> {
  const both = [before, after];
  const levels = Math.max(0, ...both.flatMap((terms) => Object.keys(terms.level_bonus_bp).map(Number))) + 1;
  const streaks = Math.max(0, ...both.flatMap(({ pity }) => pity.map(({ after: from }) => from))) + 1;
  const turns = both.flatMap(({ periods }) =>
    periods.flatMap((period) => [period.starts_at, period.ends_at]),
  );
  const moments = [before.starts_at, ...turns].map((turn) => Date.parse(turn));
  const running = moments.filter(
    (timeMs) => timeMs >= Date.parse(before.starts_at) && timeMs < Date.parse(before.ends_at),
  );
  const limited = after.prizes.filter(({ stock }) => stock !== null).map(({ prize_id }) => prize_id);
  for (let set = 0; set < 2 ** limited.length; set++) {
    const gone = new Set(limited.filter((_, at) => (set >> at) & 1));
    for (let level = 1; level <= levels; level++)
      for (let streak = 0; streak <= streaks; streak++)
        for (const timeMs of running) yield { level, streak, timeMs, gone };
  }
}

/** By the prize that the engine gives for a roll of each prize, without the guarantee. */
function outcomesOf(terms: Terms, state: State): { prizeId: number | null; chance: Chance }[] {
  const bonusBp =
    levelBonusOf(terms, state.level) + periodBonusOf(terms, state.timeMs) + pityBonusOf(terms, state.streak);
  const weights = terms.prizes.map(({ p }) => BigInt(p) * BigInt(10_000 + bonusBp));
  const sum = weights.reduce((total, weight) => total + weight, 0n);
  const of = sum > 10n ** 12n ? sum : 10n ** 12n;
  return terms.prizes.map(({ prize_id }, at) => ({
    prizeId: givenFor(terms, prize_id, state),
    chance: { share: weights[at]!, of },
  }));
}

/** What a roll of the prize gives: the engine's own decision, where nothing else can be rolled. */
function givenFor(terms: Terms, prizeId: number, { gone }: State): number | null {
  const stock = new Map(terms.prizes.map(({ prize_id }) => [prize_id, gone.has(prize_id) ? 0 : 1]));
  const bonuses = { level_bp: 0, period_bp: 0, pity_bp: 0 };
  return engineRolling(terms, prizeId).decide({ roll: 0, bonuses, streak: 0, stock }).prizeId;
}

const engines = new WeakMap<Terms, Map<number, DrawEngine>>();

function engineRolling(terms: Terms, prizeId: number): DrawEngine {
  const known = engines.get(terms) ?? new Map<number, DrawEngine>();
  engines.set(terms, known);
  const prizes = () =>
    terms.prizes.map((prize) => ({ ...prize, p: prize.prize_id === prizeId ? 100_000_000 : 0 }));
  const engine = known.get(prizeId) ?? new DrawEngine({ ...terms, prizes: prizes(), guarantee: null });
  known.set(prizeId, engine);
  return engine;
}

function worthIn(terms: Terms, prizeId: number, state: State): number {
  return worthOf(terms, givenFor(terms, prizeId, state));
}

/** Of nothing: less than of a prize without a value. */
function worthOf({ prizes }: Terms, prizeId: number | null): number {
  const prize = prizes.find(({ prize_id }) => prize_id === prizeId);
  return prize === undefined ? -2 : hundredthsOf(prize.value);
}

/** Of a prize of so much or more; -1: of any. */
function chanceOf(outcomes: ReturnType<typeof outcomesOf>, terms: Terms, worth: number): Chance {
  const winning = outcomes.filter(({ prizeId }) => worthOf(terms, prizeId) >= worth);
  const of = outcomes[0]?.chance.of ?? 1n;
  return { share: winning.reduce((total, { chance }) => total + chance.share, 0n), of };
}

const worths = fc.constantFrom('0.00', '5.00', '10.00', '10.00', '200.00');
const bonus = fc.constantFrom(0, 500, 2000, 20_000);

/** A few prizes with fallbacks, pity steps, levels and periods, so that odds are scaled down now and then. */
export const termsArbitrary: fc.Arbitrary<Terms> = fc
  .record({
    prizes: fc.array(
      fc.record({
        p: fc.constantFrom(0, 1_000_000, 5_000_000, 20_000_000),
        value: worths,
        stock: fc.constantFrom(null, 1, 5),
        fallback: fc.option(fc.nat(), { freq: 2 }),
      }),
      { minLength: 1, maxLength: 5 },
    ),
    pity: fc.array(fc.record({ after: fc.integer({ min: 0, max: 3 }), bonus_bp: bonus }), { maxLength: 2 }),
    levels: fc.dictionary(fc.constantFrom('1', '3'), bonus, { maxKeys: 2 }),
    period: fc.option(bonus),
  })
  .map(({ prizes, pity, levels, period }) =>
    termsOf({
      prizes: prizes.map(({ p, value, stock, fallback }, at) =>
        prizeTermsOf({
          prize_id: at + 1,
          p,
          value,
          stock,
          // Only to an earlier prize, so no circle can arise.
          fallback_prize_id: fallback === null || at === 0 ? null : 1 + (fallback % at),
        }),
      ),
      pity,
      level_bonus_bp: levels,
      periods:
        period === null
          ? []
          : [
              {
                starts_at: '2026-03-10T00:00:00.000Z',
                ends_at: '2026-03-12T00:00:00.000Z',
                bonus_bp: period,
              },
            ],
    }),
  );
