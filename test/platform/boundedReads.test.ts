import assert from 'node:assert/strict';
import { it } from 'mocha';
import { BoundedReads } from '../../src/platform/boundedReads.ts';
import { AppError } from '../../src/platform/errors.ts';

describe('bounded reads', () => {
  const setUp = () => {
    const reads = new BoundedReads<string>({ atOnce: 2, waiting: 3 });
    const begun: string[] = [];
    const ends: ((fails?: boolean) => void)[] = [];
    const read = (key: string) =>
      reads.read(key, () => {
        begun.push(key);
        return new Promise((resolve, reject) =>
          ends.push((fails) => (fails === true ? reject(new Error(key)) : resolve(`${key}${begun.length}`))),
        );
      });
    return { read, begun, ends };
  };

  it('ROOM-6 a few run at a time, in the order they were asked for, also after one fails', async () => {
    const { read, begun, ends } = setUp();
    const answers = ['a', 'b', 'c', 'd'].map(read);
    assert.deepEqual(begun, ['a', 'b']);
    ends[0]!(true);
    await assert.rejects(answers[0]!);
    assert.deepEqual(begun, ['a', 'b', 'c']);
    ends[1]!();
    await answers[1];
    assert.deepEqual(begun, ['a', 'b', 'c', 'd']);
    ends.forEach((end) => end());
    assert.deepEqual(
      (await Promise.all(answers.slice(1))).map((answer) => answer[0]),
      ['b', 'c', 'd'],
    );
  });

  it('ROOM-6 who asks for what waits shares its read; who asks for what is being read does not', async () => {
    const { read, begun, ends } = setUp();
    const first = read('a');
    void read('b');
    const [second, third] = [read('a'), read('a')];
    assert.deepEqual(begun, ['a', 'b']);
    ends[0]!();
    await first;
    assert.deepEqual(begun, ['a', 'b', 'a']);
    ends.forEach((end) => end());
    assert.equal(await second, await third);
    assert.notEqual(await first, await second);
  });

  it('ROOM-6 so many may wait; one more is refused', async () => {
    const { read, ends } = setUp();
    const answers = ['a', 'b', 'c', 'd', 'e'].map(read);
    await assert.rejects(read('f'), (error: unknown) => error instanceof AppError && error.code === 'BUSY');
    for (let at = 0; at < answers.length; at++) {
      ends[at]!();
      await answers[at];
    }
    void read('f');
    ends[5]!();
  });
});
