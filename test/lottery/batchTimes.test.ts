import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { BATCH_PHASES, measuredBatches, type BatchTimes } from '../../src/platform/actor/batchTimes.ts';
import { forEachDatabase } from '../support/databases.ts';
import { createUsers } from '../support/factories.ts';
import { draw, openScene, RICH } from './scene.ts';

forEachDatabase('the times of batches', (open) => {
  it('tells how long each phase of a batch took, in order', async () => {
    const { database, campaign } = await openScene(await open());
    const userIds = await createUsers(database, 5, RICH);
    const told: BatchTimes[] = [];
    const stop = measuredBatches.watch((times) => told.push(times));
    const startedMs = performance.now();
    await Promise.all(userIds.map((userId) => draw(campaign, userId, 'r', 2)));
    await nextTurn();
    const tookMs = performance.now() - startedMs;
    stop();
    const [{ kind, size, ms }] = told as [BatchTimes];
    assert.equal(told.length, 1);
    assert.deepEqual([kind, size], ['draws', 5]);
    assert.deepEqual(Object.keys(ms), [...BATCH_PHASES]);
    const phases = Object.values(ms);
    assert.ok(
      phases.every((phaseMs) => phaseMs >= 0),
      `${phases.join()}`,
    );
    // They follow each other without a gap, and none is counted twice.
    const sumMs = phases.reduce((sum, phaseMs) => sum + phaseMs, 0);
    assert.ok(sumMs > 0 && sumMs <= tookMs, `${sumMs} of ${tookMs} ms`);
    await campaign.close();
  });

  it('records nothing of what is queued while nobody listens', async () => {
    const { database, campaign } = await openScene(await open());
    const [first, second] = (await createUsers(database, 2, RICH)) as [number, number];
    const told: BatchTimes[] = [];
    const unheard = draw(campaign, first, 'unheard');
    const stop = measuredBatches.watch((times) => told.push(times));
    await unheard;
    await nextTurn();
    assert.deepEqual(told, []);
    stop();
    await draw(campaign, second, 'unheard');
    await nextTurn();
    assert.deepEqual(told, []);
    await campaign.close();
  });
});
