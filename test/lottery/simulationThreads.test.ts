import assert from 'node:assert/strict';
import { simulateRun } from '../../src/draw/simulate.ts';
import { SimulationThreads } from '../../src/lottery/simulation/threads.ts';
import { ENDLESS, planOf, settledThreads, until } from './simulationScene.ts';

describe('threads of a simulation', function () {
  this.timeout(60_000);

  it('RL-11 give the same result however many there are, and as without any', async () => {
    const plan = planOf();
    const alone = Array.from({ length: plan.runs }, (_, run) => simulateRun(plan, run));
    for (const count of [1, 2, 3]) {
      const threads = new SimulationThreads(plan, count);
      assert.deepEqual(await threads.results, alone, `${count} threads`);
      assert.equal(threads.progress, 1);
    }
  });

  it('RL-11 tell how far they are, and are gone when it is cancelled', async function () {
    if (process.platform !== 'linux') this.skip();
    const before = await settledThreads();
    const threads = new SimulationThreads(planOf(ENDLESS));
    const results = assert.rejects(threads.results);
    await until(() => threads.progress > 0);
    assert.ok(threads.progress < 1);
    // A thread may have another one that loads TypeScript for it.
    assert.ok((await settledThreads()) >= before + 2);
    await threads.stop();
    assert.equal(await settledThreads(), before);
    await results;
  });

  it('RL-11 are gone when it is cancelled before they have begun, and when it is completed', async function () {
    if (process.platform !== 'linux') this.skip();
    const before = await settledThreads();
    const early = new SimulationThreads(planOf(ENDLESS));
    const results = assert.rejects(early.results);
    await early.stop();
    await results;
    assert.equal(await settledThreads(), before);
    await new SimulationThreads(planOf()).results;
    assert.equal(await settledThreads(), before);
  });

  it('RL-11 what a thread cannot do fails the simulation, and leaves none', async () => {
    const before = await settledThreads();
    const plan = planOf();
    const broken = { ...plan, config: { ...plan.config, cost_per_draw: 'much' } };
    await assert.rejects(new SimulationThreads(broken).results, RangeError);
    assert.equal(await settledThreads(), before);
  });
});
