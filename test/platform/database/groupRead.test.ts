import assert from 'node:assert/strict';
import { it } from 'mocha';
import { GroupRead } from '../../../src/platform/database/groupRead.ts';
import { AppError } from '../../../src/platform/errors.ts';

/** Reads that end when they are told to; a key's value is how many reads had begun when its own did. */
function readsOnHand({ maxWaiting = 100, maxKeys = 100 } = {}) {
  const begun: { keys: readonly number[]; end(error?: Error): void }[] = [];
  const group = new GroupRead<number>({
    maxWaiting,
    maxKeys,
    read: (keys) =>
      new Promise((resolve, reject) => {
        const number = begun.length + 1;
        begun.push({
          keys,
          end: (error) =>
            error === undefined ? resolve(new Map(keys.map((key) => [key, number]))) : reject(error),
        });
      }),
  });
  return { group, begun };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('a group read', () => {
  it('asks at once, then once for everybody who has asked meanwhile, and for each key once', async () => {
    const { group, begun } = readsOnHand();
    const first = group.read(1);
    const others = [2, 3, 2, 1].map((key) => group.read(key));
    assert.deepEqual(
      begun.map(({ keys }) => keys),
      [[1]],
    );
    begun[0]!.end();
    assert.equal(await first, 1);
    await turn();
    assert.deepEqual(begun[1]!.keys, [2, 3, 1]);
    begun[1]!.end();
    // Whoever asked for 1 again may know of a later change: the first read is not theirs.
    assert.deepEqual(await Promise.all(others), [2, 2, 2, 2]);
    assert.equal(begun.length, 2);
  });

  it('a read that fails fails those who asked for it, and nobody after them', async () => {
    const { group, begun } = readsOnHand();
    const failing = assert.rejects(group.read(1), /away/);
    const next = group.read(2);
    begun[0]!.end(new Error('away'));
    await failing;
    await turn();
    begun[1]!.end();
    assert.equal(await next, 2);
  });

  it('DRAW-7 takes no more keys than it may hold, and no more at once than a statement may have', async () => {
    const { group, begun } = readsOnHand({ maxWaiting: 3, maxKeys: 2 });
    const asked = [1, 2, 3, 4].map((key) => group.read(key));
    await assert.rejects(group.read(5), (error) => error instanceof AppError && error.code === 'BUSY');
    const again = group.read(4);
    for (let at = 0; at < 3; at++) {
      begun[at]!.end();
      await turn();
    }
    assert.deepEqual(
      begun.map(({ keys }) => keys),
      [[1], [2, 3], [4]],
    );
    assert.deepEqual(await Promise.all([...asked, again]), [1, 2, 2, 3, 3]);
  });
});
