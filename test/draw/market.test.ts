import assert from 'node:assert/strict';
import { marketProblems, missingDisclosures } from '../../src/draw/market.ts';
import { DISCLOSURES, type Terms } from '../../src/draw/terms.ts';
import { BEFORE, judged, movedBy, withPrize, type Row } from './changes.ts';
import { ENDS_AT, prizeTermsOf, STARTS_AT, termsOf } from './terms.ts';

const withConditions = (change: Terms['conditions']): Partial<Terms> => ({
  conditions: { ...BEFORE.conditions, ...change },
});
const without = (name: string): Partial<Terms> => ({ disclosures: { ...BEFORE.disclosures, [name]: ' ' } });
const UNBOUNDED = termsOf({
  ...BEFORE,
  total_draws: null,
  draws_per_user_per_day: null,
  wins_per_user: null,
  draws_per_second: null,
  conditions: null,
  claim_days: null,
  restaurant_ids: [],
});

const ROWS: Row[] = [
  ['it starts later', { starts_at: movedBy(STARTS_AT, 1) }, ['starts_at']],
  ['it starts earlier', { starts_at: movedBy(STARTS_AT, -1) }, []],
  ['it ends earlier', { ends_at: movedBy(ENDS_AT, -1) }, ['ends_at']],
  ['it ends later', { ends_at: movedBy(ENDS_AT, 1) }, []],
  ['a draw costs more', { cost_per_draw: '100.01' }, ['cost_per_draw']],
  ['a draw costs less, in fewer digits', { cost_per_draw: '99.99' }, []],
  ['fewer draws in all', { total_draws: 9_999 }, ['total_draws']],
  ['more draws in all', { total_draws: 10_001 }, []],
  ['draws without end', { total_draws: null }, []],
  ['draws have an end now', { total_draws: 1_000_000 }, ['total_draws'], UNBOUNDED],
  ['fewer draws a day', { draws_per_user_per_day: 9 }, ['draws_per_user_per_day']],
  ['draws a day have a limit now', { draws_per_user_per_day: 99 }, ['draws_per_user_per_day'], UNBOUNDED],
  ['no limit a day', { draws_per_user_per_day: null }, []],
  ['no free draw', { free_draws_per_day: 0 }, ['free_draws_per_day']],
  ['more free draws', { free_draws_per_day: 2 }, []],
  ['fewer wins', { wins_per_user: 2 }, ['wins_per_user']],
  ['wins have a limit now', { wins_per_user: 99 }, ['wins_per_user'], UNBOUNDED],
  ['more wins', { wins_per_user: 4 }, []],
  ['slower draws', { draws_per_second: 1 }, ['draws_per_second']],
  ['faster draws', { draws_per_second: null }, []],
  ['less time to claim', { claim_days: 6 }, ['claim_days']],
  ['claims have an end now', { claim_days: 365 }, ['claim_days'], UNBOUNDED],
  ['more time to claim', { claim_days: 8 }, []],
  ['what nobody claimed is lost to others', { return_unclaimed: false }, ['return_unclaimed']],

  ['a shop less', { restaurant_ids: [1, 3] }, ['restaurant_ids']],
  ['a shop more', { restaurant_ids: [3, 2, 1] }, []],
  ['all shops', { restaurant_ids: [] }, []],
  ['not all shops', { restaurant_ids: [1] }, ['restaurant_ids'], UNBOUNDED],
  ['a higher level is asked for', withConditions({ min_level: 3 }), ['conditions.min_level']],
  ['a lower level is asked for', withConditions({ min_level: 1 }), []],
  ['high levels are left out', withConditions({ max_level: 3 }), ['conditions.max_level']],
  [
    'more points are asked for',
    withConditions({ min_history_points: 100.01 }),
    ['conditions.min_history_points'],
  ],
  [
    'late ones are left out',
    withConditions({ registered_before: '2026-01-31T23:59:59.999Z' }),
    ['conditions.registered_before'],
  ],
  [
    'early ones are left out',
    withConditions({ registered_after: '2025-01-01T00:00:00.001Z' }),
    ['conditions.registered_after'],
  ],
  [
    'the same moment, told in another zone',
    withConditions({ registered_after: '2025-01-01T08:00:00.000+08:00' }),
    [],
  ],
  ['no longer for the silent', withConditions({ segments: ['active'] }), ['conditions.segments']],
  ['for new ones as well', withConditions({ segments: ['new', 'silent', 'active'] }), []],
  [
    'guests of one shop less',
    withConditions({ visited_restaurant_ids: [2] }),
    ['conditions.visited_restaurant_ids'],
  ],
  ['nothing is asked for', { conditions: null }, []],
  [
    'something is asked for now',
    { conditions: { max_level: 99, segments: ['new'] } },
    ['conditions.max_level', 'conditions.segments'],
    UNBOUNDED,
  ],

  ['the organiser is no longer told', without('organiser'), ['disclosures.organiser']],
  ['nothing is told', { disclosures: null }, DISCLOSURES.map((name) => `disclosures.${name}`)],
  ['told in other words', { disclosures: { ...BEFORE.disclosures, contact: 'the desk' } }, []],

  [
    'a prize is taken away',
    { prizes: BEFORE.prizes.slice(0, 3), guarantee: { threshold: 10, prize_id: 3 } },
    ['prizes.4'],
  ],
  ['a prize becomes a coupon', withPrize(4, { type: 'points' }), ['prizes.4.type']],
  ['a prize is worth less', withPrize(1, { value: '2999.99' }), ['prizes.1.value']],
  ['a prize is worth more', withPrize(1, { value: '3000.01' }), []],
  ['fewer of a prize', withPrize(1, { stock: 4 }), ['prizes.1.stock']],
  ['as many, one of them won meanwhile', withPrize(1, { stock: 4, won: 3 }), []],
  ['more of a prize', withPrize(1, { stock: 6 }), []],
  ['without end', withPrize(2, { stock: null }), []],
  ['no longer without end', withPrize(3, { stock: 1_000_000 }), ['prizes.3.stock']],
  ['another order', withPrize(1, { sort_order: 99 }), []],
  [
    'nothing in the place of a prize without end',
    withPrize(3, { fallback_prize_id: null }),
    [],
    { ...BEFORE, ...withPrize(3, { fallback_prize_id: 4 }) },
  ],
  [
    'nothing in the place of a prize that nobody can win',
    withPrize(4, { fallback_prize_id: null }),
    [],
    { ...BEFORE, ...withPrize(4, { fallback_prize_id: 3 }), guarantee: null },
  ],

  ['no guarantee', { guarantee: null }, ['guarantee']],
  ['a later guarantee', { guarantee: { threshold: 11, prize_id: 4 } }, ['guarantee.threshold']],
  ['an earlier one', { guarantee: { threshold: 9, prize_id: 4 } }, []],
  ['a better one', { guarantee: { threshold: 10, prize_id: 3 } }, []],
  [
    'a better one while there are any, and nothing then',
    { guarantee: { threshold: 10, prize_id: 1 }, ...withPrize(2, { fallback_prize_id: null }) },
    ['guarantee.prize', 'prizes.1.fallback', 'prizes.2.fallback'],
  ],
  [
    'a worse one',
    {
      guarantee: { threshold: 10, prize_id: 5 },
      prizes: [...BEFORE.prizes, prizeTermsOf({ prize_id: 5, value: '4.99' })],
    },
    ['guarantee.prize'],
  ],
  ['a guarantee now', { guarantee: { threshold: 99, prize_id: 4 } }, [], { ...BEFORE, guarantee: null }],

  [
    'nothing in the place of a prize',
    withPrize(2, { fallback_prize_id: null }),
    ['prizes.1.fallback', 'prizes.2.fallback'],
  ],
  ['less in its place', withPrize(1, { fallback_prize_id: 3 }), ['prizes.1.fallback']],
  [
    'something in the place of nothing',
    withPrize(3, { stock: 9, fallback_prize_id: 4 }),
    [],
    { ...BEFORE, ...withPrize(3, { stock: 9 }) },
  ],
  [
    'a sweet before the coupon',
    {
      prizes: withPrize(2, { fallback_prize_id: 4 }).prizes.map((prize) =>
        prize.prize_id === 4 ? { ...prize, fallback_prize_id: 3 } : prize,
      ),
    },
    ['prizes.1.fallback', 'prizes.2.fallback'],
  ],
];

describe('RL-1 what is worse for a diner', () => {
  for (const row of ROWS) judged(row);
});

describe('RL-2 what has to be told, and what may be won', () => {
  it('nothing is missing where all is told, and each thing by its name where it is not', () => {
    assert.deepEqual(missingDisclosures('CN', BEFORE), []);
    for (const name of DISCLOSURES) {
      assert.deepEqual(missingDisclosures('CN', { ...BEFORE, ...without(name) }), [name]);
    }
    assert.deepEqual(missingDisclosures('CN', { ...BEFORE, disclosures: null }), DISCLOSURES);
    assert.deepEqual(missingDisclosures('CN', { ...BEFORE, disclosures: {}, prizes: [] }), [
      'prizes',
      'quantity_or_odds',
      ...DISCLOSURES,
    ]);
    assert.deepEqual(missingDisclosures('CN', { ...BEFORE, prizes: [prizeTermsOf({ prize_id: 1 })] }), [
      'quantity_or_odds',
    ]);
    assert.deepEqual(missingDisclosures('none', { ...BEFORE, disclosures: null, prizes: [] }), []);
  });

  it('a prize is worth 50,000 points at most', () => {
    const highest = { ...BEFORE, ...withPrize(1, { value: '50000.00' }) };
    assert.deepEqual(marketProblems('CN', highest), []);
    const above = { ...BEFORE, ...withPrize(1, { value: '50000.01' }) };
    const paths = marketProblems('CN', above).map(({ path }) => path);
    assert.deepEqual(paths, ['prizes.1.value']);
    assert.deepEqual(marketProblems('none', above), []);
  });
});
