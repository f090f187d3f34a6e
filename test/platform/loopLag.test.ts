import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, it } from 'mocha';
import { meterDelay } from '../../src/platform/loopLag.ts';
import { eventually } from '../support/seat.ts';

const STILL_MS = 400;

function standStill(): void {
  const untilMs = performance.now() + STILL_MS;
  while (performance.now() < untilMs);
}

describe('RO-12 how late the event loop is', () => {
  it('is told of the time since it was begun anew, what is due at that moment with it', async () => {
    const meter = meterDelay();
    try {
      await sleep(50);
      standStill();
      // As a look does that comes first after the loop was late, before the meter itself has felt it.
      meter.beginAnew();
      await eventually(() => assert.ok(meter.p99Ms() > STILL_MS / 2, `${meter.p99Ms()} ms`));
      meter.beginAnew();
      assert.equal(meter.p99Ms(), 0);
    } finally {
      meter.stop();
    }
  });
});
