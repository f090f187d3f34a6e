import assert from 'node:assert/strict';
import { DEFAULT_STEPS, describeFailure } from './main.ts';
import { PLANTS } from './plants.ts';
import type { Node } from './node.ts';
import { CAMPAIGN, Simulator, type Run } from './simulate.ts';

const SEEDS = 300;
const TRACE_LINES_SHOWN = 60;

/** Runs that have caught a fault once: those of the plants, and any seed that fails in CI, with the rule it broke. */
const NAMED_SEEDS: { name: string; run: Run }[] = PLANTS.filter((plant) => plant.of === 'campaign');

describe('simulation of one campaign on many nodes', () => {
  let simulator: Simulator<Node>;

  before(async () => {
    simulator = await Simulator.open(CAMPAIGN);
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
  }).timeout(480_000);
});
