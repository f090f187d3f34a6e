import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import { LoginsSimulator } from './logins.ts';
import { PLANTS } from './plants.ts';
import type { Run } from './simulate.ts';

const STEPS = 400;
const SEEDS = 60;

/** Runs that have caught a fault once. */
const NAMED_SEEDS = PLANTS.filter((plant) => plant.of === 'logins');

describe('simulation of logins on many nodes', () => {
  let simulator: LoginsSimulator;
  before(async () => {
    simulator = await LoginsSimulator.open();
  });
  after(() => simulator?.close());

  const assertHolds = async ({ seed, steps }: Run) => {
    const { violation, lines } = await simulator.run({ seed, steps });
    assert.equal(violation, undefined, `seed ${seed}\n${lines.slice(-60).join('\n')}`);
  };

  for (const { name, run } of NAMED_SEEDS) it(name, () => assertHolds(run));

  it('the same seed gives the same run', async () => {
    const [first, second] = [
      await simulator.run({ seed: 7, steps: STEPS }),
      await simulator.run({ seed: 7, steps: STEPS }),
    ];
    assert.ok(first.acknowledged > 50);
    assert.equal(second.hash, first.hash);
  });

  it(`TIME-1 A-5 hold in ${SEEDS} seeded runs`, async () => {
    for (let seed = 1; seed <= SEEDS; seed++) await assertHolds({ seed, steps: STEPS });
  }).timeout(480_000);
});
