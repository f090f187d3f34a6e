import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { KaijiangError } from '../../src/client/kaijiangError.ts';
import { createIntent, createIntents, type Intent } from '../../web/shared/intent.ts';

/** What each try was named, with the answers that come one after the other. */
function tries(...answers: (KaijiangError | undefined)[]) {
  const keys: string[] = [];
  const press = async (intent: Intent, contents: object) => {
    const answer = answers.shift();
    const pressed = intent(contents, async (key) => {
      keys.push(key);
      if (answer !== undefined) throw answer;
    });
    await (answer === undefined ? pressed : assert.rejects(pressed, answer));
  };
  return { keys, press };
}

const LOST = new KaijiangError('UNREACHABLE');
const REFUSED = new KaijiangError('POINTS_INSUFFICIENT', { status: 409 });

describe('what is asked for once', () => {
  it('PTS-4 keeps its key while no answer came, and only for the same contents', async () => {
    const { keys, press } = tries(LOST, LOST, undefined);
    const intent = createIntent();
    await press(intent, { delta: 2 });
    await press(intent, { delta: 2 });
    await press(intent, { delta: 3 });
    assert.equal(keys[1], keys[0]);
    assert.notEqual(keys[2], keys[0]);
  });

  it('PTS-4 has another key after it was done, and after it was refused', async () => {
    const { keys, press } = tries(undefined, REFUSED, undefined);
    const intent = createIntent();
    for (let time = 0; time < 3; time++) await press(intent, { delta: 2 });
    assert.equal(new Set(keys).size, 3);
  });

  it('RW-11 of several each has a key of its own, which it keeps for itself', async () => {
    const { keys, press } = tries(LOST, undefined, undefined);
    const intentOf = createIntents();
    for (const id of [4, 5, 4]) await press(intentOf(id), { amount: 5 });
    assert.equal(keys[2], keys[0]);
    assert.notEqual(keys[1], keys[0]);
  });
});
