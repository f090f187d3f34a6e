import assert from 'node:assert/strict';
import { before, it } from 'mocha';
import { assertBooksBalance } from '../lottery/scene.ts';
import { dataOf } from '../identity/serveRoutes.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import { forEachDatabase } from '../support/databases.ts';
import { createUser } from '../support/factories.ts';
import { servePoints } from './servedPoints.ts';

const ADMIN = 1_000_000;

forEachDatabase('holds at the same time', (open) => {
  const served = servePoints(open);
  const { tokenOf } = served;
  let database: Database;
  let userId: number;
  before(() => {
    database = served.database;
  });
  beforeEach(async () => {
    userId = await createUser(database, { points: 100_00 });
  });
  afterEach(() => assertBooksBalance(database));

  const correct = (verb: string, amount: number, key?: string) =>
    served.call('POST', `/points/${verb}`, {
      token: tokenOf(ADMIN, 'admin'),
      body: { user_id: userId, amount, reason: 'r' },
      ...(key === undefined ? {} : { key: `${key}-${userId}` }),
    });
  const spend = (amount: number, key: string) =>
    served.call('POST', '/points/consume', {
      token: tokenOf(userId),
      body: { amount, reason: 'r' },
      key: `${key}-${userId}`,
    });
  const account = async () => {
    const data = dataOf(await served.call('GET', '/points/account', { token: tokenOf(userId) }));
    return [data.available_points, data.frozen_points, data.total_points];
  };
  /** How many were a success; all others had too little. */
  const succeeded = async (asked: ReturnType<typeof correct>[]) => {
    const codes = (await Promise.all(asked)).map(({ code }) => code);
    assert.deepEqual(
      codes.filter((code) => !['OK', 'POINTS_INSUFFICIENT'].includes(code)),
      [],
    );
    return codes.filter((code) => code === 'OK').length;
  };
  const times = <T>(count: number, of: (at: number) => T) => Array.from({ length: count }, (_, at) => of(at));

  it('RP-6 50 holds and 50 spendings at once never take more than there is', async () => {
    const asked = times(50, (at) => [correct('freeze', 7), spend(7, `s-${at}`)]).flat();
    assert.equal(await succeeded(asked), 14);
    const [available, frozen, total] = await account();
    assert.equal(available, 2);
    assert.equal(total, 2 + frozen);
    assert.equal(frozen % 7, 0);
  });

  it('RP-6 what is held is consumed or released, never both and never twice, however many do it at once', async () => {
    dataOf(await correct('freeze', 63));
    const consumed = times(20, () => correct('consume-frozen', 7));
    const released = times(20, () => correct('unfreeze', 7));
    const [spent, back] = await Promise.all([succeeded(consumed), succeeded(released)]);
    assert.equal(spent + back, 9);
    assert.deepEqual(await account(), [37 + 7 * back, 0, 37 + 7 * back]);
    for (const verb of ['consume-frozen', 'unfreeze'])
      assert.equal((await correct(verb, 0.01)).code, 'POINTS_INSUFFICIENT');
  });

  it('RP-6 to consume or release twice under one key does it once', async () => {
    dataOf(await correct('freeze', 60));
    for (const [verb, left] of [
      ['consume-frozen', [40, 40, 80]],
      ['unfreeze', [60, 20, 80]],
    ] as const) {
      const answers = await Promise.all(times(5, () => correct(verb, 20, verb)));
      for (const answer of answers) assert.deepEqual(dataOf(answer), dataOf(answers[0]!));
      const replays = answers.filter(({ headers }) => headers.get('Idempotency-Replayed') === 'true');
      assert.equal(replays.length, 4);
      assert.deepEqual(dataOf(await correct(verb, 20, verb)), dataOf(answers[0]!));
      assert.deepEqual(await account(), left);
    }
  });
});
