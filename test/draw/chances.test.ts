import assert from 'node:assert/strict';
import fc from 'fast-check';
import { worsenings } from '../../src/draw/market.ts';
import type { PrizeTerms, Terms } from '../../src/draw/terms.ts';
import { BEFORE, judged, movedBy, withPrize, type Row } from './changes.ts';
import { ENDS_AT, isWorseByTrying, prizeTermsOf, STARTS_AT, termsArbitrary, termsOf } from './terms.ts';

/** Without bonuses, so that chances are never scaled down. */
const CALM = termsOf({ ...BEFORE, pity: [], level_bonus_bp: {}, periods: [] });
/** Has the chance that the others leave, and the coupon in its place. */
const TRIP = prizeTermsOf({ prize_id: 9, p: 1_000_000, value: '500.00', stock: 3, fallback_prize_id: 3 });
const AFTER_THE_END = { starts_at: ENDS_AT, ends_at: movedBy(ENDS_AT, 24), bonus_bp: 9000 };

const withPeriod = (change: Partial<Terms['periods'][number]>): Partial<Terms> => ({
  periods: [{ ...BEFORE.periods[0]!, ...change }],
});

function chances(byPrize: Record<number, number>): { prizes: PrizeTerms[] } {
  return { prizes: BEFORE.prizes.map((prize) => ({ ...prize, p: byPrize[prize.prize_id] ?? prize.p })) };
}

/** The coupon gives a fortieth of its chance to another prize. */
function handedTo(prize: PrizeTerms): Partial<Terms> {
  return { prizes: [...chances({ 3: 39_000_000 }).prizes, prize] };
}

function halves(firstEnds: string, secondStarts: string): Partial<Terms> {
  const period = BEFORE.periods[0]!;
  return {
    periods: [
      { ...period, ends_at: firstEnds },
      { ...period, starts_at: secondStarts },
    ],
  };
}

const ROWS: Row[] = [
  ['a chance grows', withPrize(3, { p: 41_000_000 }), [], CALM],
  ['a chance falls by one step', withPrize(1, { p: 999_999 }), ['prizes.1.probability']],
  ['a chance falls in favour of nothing', withPrize(3, { p: 39_999_999 }), ['prizes.3.probability'], CALM],
  ['a chance goes to a better prize', chances({ 2: 10_000_000, 3: 39_000_000 }), []],
  ['a chance goes to a worse prize', chances({ 2: 8_999_999, 3: 40_000_001 }), ['prizes.2.probability']],
  [
    'half of it goes to a better prize',
    chances({ 2: 9_500_000, 3: 39_000_000 }),
    ['prizes.3.probability'],
    CALM,
  ],
  [
    'to a better prize that may be gone',
    handedTo({ ...TRIP, fallback_prize_id: null }),
    ['prizes.3.probability'],
  ],
  ['to one with the old prize in its place', handedTo(TRIP), []],
  ['to a better prize without end', handedTo({ ...TRIP, stock: null, fallback_prize_id: null }), []],
  ['to a prize of the same worth', handedTo({ ...TRIP, value: '10.00' }), []],
  ['to a prize that is worth less', handedTo({ ...TRIP, value: '9.99' }), ['prizes.3.probability']],
  [
    'to a prize that is worth as much only now',
    withPrize(3, { value: '200.00' }, chances({ 2: 8_000_000, 3: 41_000_000 }).prizes),
    [],
  ],
  [
    'the least chance grows where odds are scaled down, and the others fall',
    withPrize(3, { p: 40_000_001 }),
    ['prizes.2.probability'],
  ],
  ['the best chance grows where odds are scaled down', withPrize(1, { p: 1_000_001 }), []],

  [
    'what one level loses no other makes up for',
    { level_bonus_bp: { '1': 10_000, '3': 499, '5': 10_000 } },
    ['level_bonus_bp.3'],
  ],
  ['a level is no longer named', { level_bonus_bp: { '1': 0, '3': 500 } }, ['level_bonus_bp.5']],
  ['a level is named', { level_bonus_bp: { ...BEFORE.level_bonus_bp, '2': 0, '9': 1 } }, []],
  [
    'a level that is not named loses',
    { level_bonus_bp: { '1': 9 } },
    ['level_bonus_bp.2'],
    { ...CALM, level_bonus_bp: { '1': 9, '2': 9 } },
  ],
  [
    'what a level loses every streak makes up for',
    { level_bonus_bp: {}, pity: [{ after: 0, bonus_bp: 10_000 }] },
    [],
  ],

  ['a pity step comes later', { pity: [{ after: 4, bonus_bp: 1000 }, BEFORE.pity[1]!] }, ['pity']],
  ['a pity step comes earlier', { pity: [{ after: 2, bonus_bp: 1000 }, BEFORE.pity[1]!] }, []],
  ['a pity step gives less', { pity: [BEFORE.pity[0]!, { after: 6, bonus_bp: 7999 }] }, ['pity']],
  ['a pity step ends at the next', { pity: [...BEFORE.pity, { after: 1000, bonus_bp: 7999 }] }, ['pity']],
  ['a pity step gives more at the next', { pity: [...BEFORE.pity, { after: 1000, bonus_bp: 9000 }] }, []],
  ['the same steps in another order', { pity: BEFORE.pity.toReversed() }, []],

  ['a period gives less', withPeriod({ bonus_bp: 2999 }), ['periods']],
  ['a period begins later', withPeriod({ starts_at: '2026-03-08T00:00:00.001Z' }), ['periods']],
  ['a period ends earlier', withPeriod({ ends_at: '2026-03-08T23:59:59.999Z' }), ['periods']],
  ['a period is longer', withPeriod({ starts_at: STARTS_AT, ends_at: ENDS_AT }), []],
  [
    'a period moves by a day',
    withPeriod({ starts_at: '2026-03-09T00:00:00.000Z', ends_at: '2026-03-10T00:00:00.000Z' }),
    ['periods'],
  ],
  ['no period', { periods: [] }, ['periods']],
  ['a period in two halves', halves('2026-03-08T12:00:00.000Z', '2026-03-08T12:00:00.000Z'), []],
  ['a period with a gap', halves('2026-03-08T12:00:00.000Z', '2026-03-08T12:00:00.001Z'), ['periods']],
  [
    'a period after the end is gone',
    { periods: BEFORE.periods },
    [],
    { ...BEFORE, periods: [...BEFORE.periods, AFTER_THE_END] },
  ],
];

describe('RL-1 chances that are worse for a diner', () => {
  for (const row of ROWS) judged(row);

  it('names the state in which they are', () => {
    const after = { ...BEFORE, pity: [BEFORE.pity[0]!, { after: 7, bonus_bp: 8000 }] };
    const [found] = worsenings('CN', { before: BEFORE, after });
    assert.match(found!.reason, /any prize falls by up to \d+ of 10\^12 at level 1, after 6 losing draws/);
  });
});

/** Two campaigns with the same prizes and fallbacks, whose chances and bonuses have nothing to do with each other. */
const otherChances = fc.tuple(termsArbitrary, termsArbitrary).map(([before, other]) => ({
  before,
  after: {
    ...before,
    pity: other.pity,
    level_bonus_bp: other.level_bonus_bp,
    periods: other.periods,
    prizes: before.prizes.map((prize, at) => ({ ...prize, p: other.prizes[at]?.p ?? prize.p })),
  },
}));

/** A chance or two is moved, and the rest stays. */
const movedChances = fc
  .tuple(termsArbitrary, fc.array(fc.constantFrom(-1_000_000, 0, 0, 1_000_000), { minLength: 5 }))
  .map(([before, steps]) => ({
    before,
    after: {
      ...before,
      prizes: before.prizes.map((prize, at) => ({ ...prize, p: Math.max(0, prize.p + steps[at]!) })),
    },
  }));

/** Stock, worth and fallbacks change, chances now and then, and prizes are added. */
const otherPrizes = fc
  .tuple(termsArbitrary, termsArbitrary, fc.boolean())
  .map(([before, other, keepsChances]) => {
    const changed = before.prizes.map((prize, at) => {
      const fresh = { ...prize, ...other.prizes[at] };
      const worth = Math.max(Number(prize.value), Number(fresh.value));
      return { ...fresh, p: keepsChances ? prize.p : fresh.p, value: worth.toFixed(2) };
    });
    return { before, after: { ...before, prizes: [...changed, ...other.prizes.slice(changed.length)] } };
  });

const isOfChances = ({ path }: { path: string }) =>
  /probability|fallback|pity|periods|level_bonus/.test(path);

describe('RL-1 the judge, and the engine tried at every level, streak, moment and state of the stock', function () {
  // Seconds of work, on cores that other tests keep busy.
  this.timeout(120_000);

  for (const [title, pairs, numRuns] of [
    ['whatever the chances become', otherChances, 400],
    ['when a chance or two is moved', movedChances, 800],
  ] as const) {
    it(`say the same where no fallback changes: ${title}`, () => {
      const verdicts = { worse: 0, better: 0 };
      fc.assert(
        fc.property(pairs, ({ before, after }) => {
          const expected = isWorseByTrying(before, after);
          verdicts[expected ? 'worse' : 'better'] += 1;
          const found = worsenings('CN', { before, after });
          assert.equal(found.length > 0, expected, JSON.stringify(found));
          assert.ok(found.every(isOfChances));
        }),
        { numRuns, seed: 11 },
      );
      assert.ok(Math.min(verdicts.worse, verdicts.better) > numRuns / 20, JSON.stringify(verdicts));
    });
  }

  it('let nothing worse pass where prizes and fallbacks change as well', () => {
    const verdicts = { worse: 0, better: 0, strict: 0 };
    fc.assert(
      fc.property(otherPrizes, ({ before, after }) => {
        const expected = isWorseByTrying(before, after);
        const judgedWorse = worsenings('CN', { before, after }).some(isOfChances);
        verdicts[expected ? 'worse' : judgedWorse ? 'strict' : 'better'] += 1;
        if (expected) assert.ok(judgedWorse);
      }),
      { numRuns: 500, seed: 12 },
    );
    assert.ok(Math.min(verdicts.worse, verdicts.better) > 40, JSON.stringify(verdicts));
    // The judge asks for more where one fallback makes up for another.
    assert.ok(verdicts.strict < 40, JSON.stringify(verdicts));
  });

  it('what does not change is not worse, whatever it is', () => {
    fc.assert(
      fc.property(termsArbitrary, (terms) => {
        assert.deepEqual(worsenings('CN', { before: terms, after: structuredClone(terms) }), []);
      }),
      { numRuns: 300, seed: 13 },
    );
  });

  it('what is better in one thing is not worse', () => {
    fc.assert(
      fc.property(termsArbitrary, fc.nat(), fc.nat(), (before, which, at) => {
        const improvements = improvementsOf(before, at % before.prizes.length);
        const after = { ...before, ...improvements[which % improvements.length]! };
        assert.deepEqual(worsenings('CN', { before, after }), []);
      }),
      { numRuns: 1000, seed: 14 },
    );
  });
});

/** Each better in one thing, of the prize at a place or of all. */
function improvementsOf(terms: Terms, place: number): Partial<Terms>[] {
  const prizeWith = (change: Partial<PrizeTerms>): Partial<Terms> => ({
    prizes: terms.prizes.map((prize, at) => (at === place ? { ...prize, ...change } : prize)),
  });
  const { value, stock, p, prize_id } = terms.prizes[place]!;
  const isBest = terms.prizes.every((prize) => Number(prize.value) <= Number(value));
  return [
    prizeWith({ value: (Number(value) + 7).toFixed(2) }),
    prizeWith({ stock: stock === null ? null : stock + 1 }),
    // Where chances are scaled down, one that is not the best and without end would take from what is better.
    isBest ? prizeWith({ p: p + 1, stock: null }) : {},
    { pity: terms.pity.map((step) => ({ ...step, bonus_bp: step.bonus_bp + 50_000 })) },
    {
      level_bonus_bp: Object.fromEntries(
        Object.entries(terms.level_bonus_bp).map(([level, bonusBp]) => [level, bonusBp + 1]),
      ),
    },
    { periods: [...terms.periods, { starts_at: STARTS_AT, ends_at: ENDS_AT, bonus_bp: 10 }] },
    { guarantee: { threshold: 5, prize_id } },
    { ends_at: movedBy(ENDS_AT, 1) },
    { starts_at: movedBy(STARTS_AT, -1) },
    { cost_per_draw: '0.00' },
    { conditions: {} },
    { restaurant_ids: null },
    { claim_days: null },
    { prizes: [...terms.prizes, prizeTermsOf({ prize_id: 77, value: '0.00', stock: 1 })] },
  ];
}
