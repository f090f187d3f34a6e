import assert from 'node:assert/strict';
import {
  GroupCommit,
  type GroupCommitOptions,
  type Outcome,
} from '../../../src/platform/actor/groupCommit.ts';
import { isItemsFault } from '../../../src/platform/actor/itemsFault.ts';
import { AppError } from '../../../src/platform/errors.ts';

type Commit = (items: readonly number[]) => Outcome<string>[];

describe('group commit', () => {
  /** A queue of numbers; `attempts` has the items of each commit that was tried. */
  function open(commit: Commit, options: Partial<GroupCommitOptions<number, string>> = {}) {
    const attempts: number[][] = [];
    const queue = new GroupCommit<number, string>({
      kind: 'draws',
      maxQueued: 10_000,
      maxBatchWeight: 1000,
      weightOf: () => 1,
      commit: async (items) => {
        attempts.push([...items]);
        return commit(items);
      },
      isFinal: () => false,
      isItemsFault,
      onError: () => undefined,
      backoffMs: 1,
      ...options,
    });
    return { queue, attempts };
  }
  const done = (items: readonly number[]): Outcome<string>[] =>
    items.map((item) => ({ ok: true, result: `done ${item}` }));
  const codesOf = async (asked: readonly Promise<string>[]) =>
    (await Promise.allSettled(asked)).map((result) =>
      result.status === 'fulfilled' ? result.value : (result.reason as AppError).code,
    );
  const range = (length: number) => Array.from({ length }, (_, at) => at);

  it('DRAW-7 a commit without an outcome is a fault: bounded, BUSY for those who wait, and the queue can close', async () => {
    const { queue, attempts } = open(() => []);
    const asked = range(50).map((item) => queue.submit(item));
    const closed = queue.close();
    assert.deepEqual(await codesOf(asked), Array<string>(50).fill('BUSY'));
    await closed;
    assert.equal(attempts.length, 5);
  });

  it('DRAW-7 progress is enough: what is left of a batch goes first in the next one', async () => {
    const { queue, attempts } = open((items) => done(items.slice(0, 4)));
    const asked = range(10).map((item) => queue.submit(item));
    assert.deepEqual(
      await codesOf(asked),
      range(10).map((item) => `done ${item}`),
    );
    assert.deepEqual(
      attempts.map(([first]) => first),
      [0, 4, 8],
    );
    await queue.close();
  });

  for (const [size, poison] of [
    [1000, [0]],
    [1000, [999]],
    [1000, [500]],
    [1, [0]],
    [64, [0, 31, 63]],
  ] as const) {
    it(`DRAW-5 of ${size} items exactly those at fault fail: ${poison.join(', ')}`, async () => {
      const { queue, attempts } = open((items) => {
        if (items.some((item) => (poison as readonly number[]).includes(item))) throw new TypeError('poison');
        return done(items);
      });
      const codes = await codesOf(range(size).map((item) => queue.submit(item)));
      const failed = range(size).filter((item) => codes[item] !== `done ${item}`);
      assert.deepEqual(failed, poison);
      for (const item of failed) assert.equal(codes[item], 'INTERNAL');
      // By halves, once more at the beginning, and once more before an item is refused.
      const perItem = 2 * Math.ceil(Math.log2(size)) + 3;
      assert.ok(attempts.length <= poison.length * perItem, `${attempts.length} attempts`);
      await queue.close();
    });
  }

  it('DRAW-5 items are decided in the order of their arrival while one is looked for, and some wait for more', async () => {
    const order: number[] = [];
    const { queue } = open((items) => {
      if (items.includes(5)) throw new TypeError('poison');
      const some = items.slice(0, 2);
      order.push(...some);
      return done(some);
    });
    const codes = await codesOf(range(12).map((item) => queue.submit(item)));
    assert.deepEqual(order, [0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11]);
    assert.equal(codes[5], 'INTERNAL');
    await queue.close();
  });

  it('DRAW-5 an item alone is not at fault when what the commit holds has gone wrong since the last part', async () => {
    let isMemoryWrong = false;
    const { queue, attempts } = open(
      (items) => {
        if (isMemoryWrong) throw new RangeError('not what is stored');
        if (items.includes(0)) throw new TypeError('poison');
        // Another tool changes what is stored after each commit of this one.
        isMemoryWrong = true;
        return done(items);
      },
      { onError: () => (isMemoryWrong = false) },
    );
    const codes = await codesOf(range(4).map((item) => queue.submit(item)));
    assert.deepEqual(codes, ['INTERNAL', 'done 1', 'done 2', 'done 3']);
    assert.ok(attempts.length <= 12, `${attempts.length} attempts`);
    await queue.close();
  });

  it('DRAW-5 a refusal that a commit throws is told to the item that it concerns', async () => {
    const { queue } = open((items) => {
      if (items.includes(3)) throw new AppError('CONFLICT');
      return done(items);
    });
    const codes = await codesOf(range(8).map((item) => queue.submit(item)));
    assert.equal(codes[3], 'CONFLICT');
    assert.equal(codes.filter((code) => code.startsWith('done')).length, 7);
    await queue.close();
  });

  it('DRAW-5 trouble of the infrastructure concerns all of a batch, and nobody is looked for', async () => {
    const { queue, attempts } = open(() => {
      throw Object.assign(new Error('gone'), { code: 'PROTOCOL_CONNECTION_LOST', fatal: true });
    });
    assert.deepEqual(
      await codesOf(range(100).map((item) => queue.submit(item))),
      Array<string>(100).fill('BUSY'),
    );
    assert.equal(attempts.length, 5);
    await queue.close();
  });

  it('DRAW-7 where every item is at fault the search ends', async () => {
    const { queue, attempts } = open(() => {
      throw new TypeError('all of them');
    });
    const codes = await codesOf(range(1000).map((item) => queue.submit(item)));
    assert.deepEqual(new Set(codes), new Set(['INTERNAL', 'BUSY']));
    assert.equal(attempts.length, 100);
    await queue.close();
  });

  it('DRAW-1 what is final closes the queue, also while one is looked for', async () => {
    let calls = 0;
    const { queue } = open(
      () => {
        calls += 1;
        throw calls < 4 ? new TypeError('poison') : new RangeError('fenced');
      },
      { isFinal: (error) => error instanceof RangeError },
    );
    assert.deepEqual(
      await codesOf(range(20).map((item) => queue.submit(item))),
      Array<string>(20).fill('MOVED'),
    );
    await assert.rejects(queue.submit(1), (error: AppError) => error.code === 'MOVED');
    await queue.close();
    assert.equal(calls, 4);
  });
});

describe('whether items are at fault', () => {
  const withCode = (code: string, sqlState?: string) => Object.assign(new Error(code), { code, sqlState });
  const cases: [what: string, error: unknown, expected: boolean][] = [
    ['our own code', new TypeError('undefined is not a function'), true],
    ['a value out of range', withCode('ER_WARN_DATA_OUT_OF_RANGE', '22003'), true],
    ['a text too long', withCode('ER_DATA_TOO_LONG', '22001'), true],
    ['a duplicate', withCode('ER_DUP_ENTRY', '23000'), true],
    ['NaN, which is a name there', withCode('ER_BAD_FIELD_ERROR', '42S22'), true],
    ['a constraint of SQLite', withCode('SQLITE_CONSTRAINT_NOTNULL'), true],
    ['a refusal', new AppError('CONFLICT'), true],
    ['a lost connection', withCode('PROTOCOL_CONNECTION_LOST'), false],
    ['a lost connection that says why', Object.assign(new Error('closed'), { fatal: true }), false],
    ['a deadlock', withCode('ER_LOCK_DEADLOCK', '40001'), false],
    ['a server that only reads', withCode('ER_OPTION_PREVENTS_STATEMENT', 'HY000'), false],
    ['a full disk', withCode('SQLITE_FULL'), false],
    ['BUSY', new AppError('BUSY'), false],
  ];
  for (const [what, error, expected] of cases) {
    it(`DRAW-5 ${what}: ${expected}`, () => assert.equal(isItemsFault(error), expected));
  }
});
