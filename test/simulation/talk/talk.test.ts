import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import { describeFailure } from '../main.ts';
import { Simulator, TALK, type Run } from '../simulate.ts';
import type { TalkNode } from './talkNode.ts';
import { TALK_PLANTS, TALK_STEPS } from './talkPlants.ts';

const SEEDS = 80;
const TRACE_LINES_SHOWN = 60;

describe('simulation of a group that talks, and of people who are told, on many nodes', () => {
  let simulator: Simulator<TalkNode>;
  before(async () => {
    simulator = await Simulator.open(TALK);
  });
  after(() => simulator?.close());

  async function assertHolds(run: Run): Promise<void> {
    const report = await simulator.run(run);
    if (report.violation !== undefined)
      assert.fail(describeFailure({ ...run, of: 'talk' }, report, TRACE_LINES_SHOWN));
  }

  for (const { name, run } of TALK_PLANTS) it(name, () => assertHolds(run));

  it('the same seed gives the same run', async () => {
    const run = { seed: 7, steps: TALK_STEPS };
    const [first, second] = [await simulator.run(run), await simulator.run(run)];
    assert.ok(first.acknowledged > 0);
    assert.equal(second.hash, first.hash);
  });

  it(`C-2 RC-1 RC-2 RC-3 RC-10 RC-12 RC-15 RC-16 RE-4 hold in ${SEEDS} seeded runs with faults`, async () => {
    for (let seed = 1; seed <= SEEDS; seed++) await assertHolds({ seed, steps: TALK_STEPS });
  }).timeout(480_000);
});
