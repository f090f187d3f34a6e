import assert from 'node:assert/strict';
import { DEFAULT_STEPS, describeFailure } from '../../sim/main.ts';
import { Simulator, type Run } from '../../sim/simulate.ts';

const SEEDS = 300;
const TRACE_LINES_SHOWN = 60;

/** Runs that have caught a fault once. A seed that fails in CI comes here with the rule it broke. */
const NAMED_SEEDS: { name: string; run: Run }[] = [
  {
    // Without both checks of the epoch: "node 1 of epoch 1 committed in epoch 2".
    name: 'DRAW-1 an owner whose campaign was claimed meanwhile commits nothing',
    run: { seed: 5, steps: 800 },
  },
  {
    // Deciding on the owner's own stock, and no guard in the SQL: "node 1 holds 0 of prize 1, stored 2".
    name: 'DRAW-3 a batch that is not committed leaves the owner with the stock that is stored',
    run: { seed: 7, steps: 800 },
  },
  {
    // Answered requests not looked up and written over: "2 draws asked, 4 stored".
    name: 'DRAW-4 a request sent again after a lost answer is drawn once',
    run: { seed: 3, steps: 800 },
  },
  {
    // The same fault, told to the diner: "was answered, a repeat is refused: POINTS_INSUFFICIENT".
    name: 'DRAW-4 a repeat of an answered request is not refused',
    run: { seed: 5, steps: 800 },
  },
  {
    // The pool not read anew after a commit of unknown outcome: draws were decided twice under one number.
    name: 'DRAW-6 after a commit of unknown outcome the owner goes on from what is stored',
    run: { seed: 4, steps: 800 },
  },
  {
    // TypeORM's startTransaction and commitTransaction with its depth: "request-12 was told 1::747891509855, stored is nothing".
    name: 'DB-7 nothing is told of a transaction that SQLite has rolled back by itself at COMMIT',
    run: { seed: 1, steps: 800 },
  },
  {
    // The same; without the faults of the file this run finds nothing: "shows draw 19, log 22; committed 17, 20".
    name: 'DB-7 what is committed after a COMMIT that failed is committed',
    run: { seed: 23, steps: 800 },
  },
];

describe('simulation of one campaign on many nodes', () => {
  let simulator: Simulator;

  before(async () => {
    simulator = await Simulator.open();
  });

  after(() => simulator.close());

  async function assertHolds(run: Run): Promise<void> {
    const report = await simulator.run(run);
    if (report.violation !== undefined) assert.fail(describeFailure(run, report, TRACE_LINES_SHOWN));
  }

  for (const { name, run } of NAMED_SEEDS) it(name, () => assertHolds(run));

  it('the same seed gives the same run', async () => {
    const first = await simulator.run({ seed: 7, steps: DEFAULT_STEPS });
    const second = await simulator.run({ seed: 7, steps: DEFAULT_STEPS });
    assert.ok(first.acknowledged > 0);
    assert.equal(second.hash, first.hash);
  });

  it(`DRAW-1 DRAW-2 DRAW-3 DRAW-4 hold in ${SEEDS} seeded runs with faults`, async () => {
    for (let seed = 1; seed <= SEEDS; seed++) await assertHolds({ seed, steps: DEFAULT_STEPS });
  }).timeout(240_000);
});
