import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { gapsAfter, readGaps, type Gap } from '../../src/events/stream/gaps.ts';
import { LIMITS } from '../../src/platform/limits.ts';

describe('ids of events that may still commit', () => {
  const gap = (from: number, to: number, noticedMs = 1): Gap => ({ from, to, noticedMs });
  const after = (gaps: Gap[], eventIds: number[], newest: number) =>
    gapsAfter(gaps, { eventIds, newest, nowMs: 2 });

  it('RE-1 are those between the ids that are there', () => {
    assert.deepEqual(after([], [1, 2, 5, 6, 9], 0), [gap(3, 4, 2), gap(7, 8, 2)]);
    assert.deepEqual(after([], [4], 1), [gap(2, 3, 2)]);
    assert.deepEqual(after([], [2], 1), []);
  });

  it('RE-1 become fewer as they come', () => {
    assert.deepEqual(after([gap(3, 9)], [5, 6, 9], 20), [gap(3, 4), gap(7, 8)]);
    assert.deepEqual(after([gap(3, 4)], [3, 4], 20), []);
    assert.deepEqual(after([gap(3, 4), gap(8, 8)], [4, 22], 20), [gap(3, 3), gap(8, 8), gap(21, 21, 2)]);
  });

  it('RE-1 are never lost, however many there are', () => {
    const eventIds = Array.from({ length: 500 }, (_, at) => 3 * at + (at > 250 ? 50 : 0));
    const gaps = after([], eventIds, 0);
    assert.equal(gaps.length, LIMITS.streamGaps);
    const isCovered = (id: number) => gaps.some(({ from, to }) => from <= id && id <= to);
    for (let id = 1; id < eventIds.at(-1)!; id++)
      assert.ok(eventIds.includes(id) || isCovered(id), String(id));
    assert.deepEqual(readGaps(JSON.stringify(gaps)), gaps);
    assert.throws(() => readGaps('[{}]'));
  });
});
