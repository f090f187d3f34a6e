import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Threads } from '../../src/platform/threads.ts';

describe('threads', () => {
  it('that cannot even begin leave nobody waiting', async () => {
    const beside = new URL('../fixtures/nowhere/threads.ts', import.meta.url).href;
    const threads = new Threads<number, number>({ beside, name: 'work', most: 1 });
    await assert.rejects(threads.run(1));
    await threads.end();
  });
});
