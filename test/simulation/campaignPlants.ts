import { STEPS, type Plant } from './plant.ts';

/** Faults of what a campaign promises besides the draw: its times, its stock, its limits. */
export const CAMPAIGN_PLANTS: readonly Plant[] = [
  {
    name: 'L-1 nothing is drawn after the end',
    fault: 'a draw asks neither for the status nor for the end',
    edits: [
      {
        file: 'src/lottery/conditions.ts',
        find: "if (pool.status !== 'active' || !hasStarted || nowMs >= pool.endsAtMs)",
        put: 'if (!hasStarted)',
      },
    ],
    of: 'campaign',
    run: { seed: 2, steps: STEPS },
    violation: /^L-1 node \d+ drew \d+ after the end/,
  },
  {
    name: 'RL-5 nothing is drawn from the moment on at which the campaign ends',
    fault: 'a draw asks for the status alone, which the clock has not moved yet',
    edits: [{ file: 'src/lottery/conditions.ts', find: ' || nowMs >= pool.endsAtMs)', put: ')' }],
    of: 'campaign',
    run: { seed: 47, steps: STEPS },
    violation: /^RL-5 draw \d+ was drawn at/,
  },
  {
    name: 'RL-10 a new owner gives the codes that follow those of the last one',
    fault: 'an owner begins with the first code, and no index keeps a code for one item',
    edits: [
      {
        file: 'src/lottery/pool.ts',
        find: 'prizes.filter(hasPool).map((prize) => [prize.prize_id, prize.codes_given])',
        put: 'prizes.filter(hasPool).map((prize) => [prize.prize_id, 0])',
      },
      {
        file: 'src/platform/database/migrations/1700000012600-PartialItemIndices.ts',
        find: 'isUnique: true',
        put: 'isUnique: false',
      },
    ],
    of: 'campaign',
    run: { seed: 1, steps: STEPS },
    violation: /^RL-10 prize 4: /,
  },
  {
    name: 'RL-6 a change of stock under one key counts once',
    fault: 'the key is not looked at',
    edits: [
      {
        file: 'src/lottery/campaign.ts',
        find: 'onceIn(tx, call, () => adjustStock(tx, { ...change, actor }, request))',
        put: 'adjustStock(tx, { ...change, actor }, request).then((result) => ({ result, replayed: !call }))',
      },
    ],
    of: 'campaign',
    run: { seed: 1, steps: STEPS },
    violation: /^PTS-4 stock-\d+ was answered with/,
  },
  {
    name: 'L-7 a clock that steps back over midnight gives no day twice',
    fault: 'days are compared by equality',
    edits: [
      {
        file: 'src/lottery/counters.ts',
        find: 'counter.businessDay < today',
        put: 'counter.businessDay !== today',
      },
      {
        file: 'src/lottery/counters.ts',
        find: 'await upsertAll(tx, LotteryUserCounter, rows, FORWARD);',
        put: 'await upsertAll(tx, LotteryUserCounter, rows);',
      },
    ],
    of: 'campaign',
    run: { seed: 35, steps: STEPS },
    violation: /^L-7 diner \d+ drew/,
  },
  {
    name: 'L-7 a clock that steps back over midnight gives no free draws twice',
    fault: 'free draws are counted anew where the day is another one',
    edits: [
      {
        file: 'src/lottery/counters.ts',
        find: 'return { businessDay, drawsToday, freeToday };',
        put: 'return { businessDay, drawsToday, freeToday: businessDay === today ? freeToday : 0 };',
      },
    ],
    of: 'campaign',
    run: { seed: 20, steps: STEPS },
    violation: /^L-7 diner \d+ drew \d+ times for nothing/,
  },
];
