import assert from 'node:assert/strict';
import { nameOf } from './remains.ts';

describe('what a run leaves behind, by name', () => {
  it('counts processes, rooms and calls together, with a digit in their identity or without', () => {
    for (const prefix of ['p:', 'ipc:', '$'])
      for (const identity of ['suKpCY_Qt', 'aB3dEf_-9', 'campaign-1', 'lobby'])
        assert.equal(nameOf(prefix + identity), `${prefix}#`);
  });

  it('tells keys apart by what does not vary in them', () => {
    assert.equal(nameOf('kaijiang:events'), 'kaijiang:events');
    assert.equal(nameOf('kaijiang:owner:campaign-17'), 'kaijiang:owner:#');
    assert.equal(nameOf('roomcount'), 'roomcount');
  });
});
