import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { KaijiangError } from '../../src/client/kaijiangError.ts';
import { createIntent, createIntents, type Intent } from '../../web/shared/intent.ts';
import { useIntent } from '../../web/shared/useIntent.ts';

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

  it('RW-11 a form asks again for what was not answered, as it was, and tells whether it was', async () => {
    const sent: [object, string][] = [];
    const answers = [LOST, undefined, REFUSED];
    const form = useIntent<{ price: number }>((error) => (error as KaijiangError).code);
    const press = (price: number) =>
      form.ask({ price }, async (body, key) => {
        sent.push([body, key]);
        const answer = answers.shift();
        if (answer !== undefined) throw answer;
        return 'done';
      });
    const state = () => [form.isBusy.value, form.isUnsure.value, form.problem.value];
    const first = press(5);
    assert.deepEqual(state(), [true, false, '']);
    assert.equal(await press(5), undefined, 'while it is asked for');
    assert.equal(await first, undefined);
    assert.deepEqual(state(), [false, true, 'UNREACHABLE']);
    assert.equal(await press(6), 'done');
    assert.deepEqual(sent[1], sent[0]);
    assert.deepEqual(state(), [false, false, '']);
    await press(7);
    assert.deepEqual(state(), [false, false, 'POINTS_INSUFFICIENT']);
    assert.deepEqual(sent[2]![0], { price: 7 });
    assert.equal(sent.length, 3);
  });
});
