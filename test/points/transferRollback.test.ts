import assert from 'node:assert/strict';
import fc from 'fast-check';
import { afterEach, before, beforeEach, it } from 'mocha';
import { endOfBusinessDay } from '../../src/platform/clock.ts';
import type { Database, Tx } from '../../src/platform/database/transaction.ts';
import { AppError, type ErrorCode } from '../../src/platform/errors.ts';
import { readAccount } from '../../src/points/account.ts';
import { expireAll } from '../../src/points/expiry.ts';
import { approve, reject } from '../../src/points/transfers/review.ts';
import { assertBooksBalance } from '../lottery/scene.ts';
import { TestClock } from '../support/clock.ts';
import { forEachDatabase } from '../support/databases.ts';
import { createUser } from '../support/factories.ts';
import { byHand, DAY_MS, endOf, GRACE, START_MS, STRICT, ZONE } from './byHand.ts';

const ACTOR = { userId: 1_000_000, ip: '127.0.0.1', requestId: 'r' };
const refusal = (code: ErrorCode) => (error: unknown) => error instanceof AppError && error.code === code;

forEachDatabase('transfers that are taken back', (open) => {
  let database: Database;
  let clock: TestClock;
  let from: number;
  let to: number;
  before(async () => {
    database = await open();
  });
  beforeEach(async () => {
    clock = new TestClock(START_MS);
    [from, to] = [await createUser(database), await createUser(database)];
  });
  afterEach(() => assertBooksBalance(database));

  const { run, post, earn, spend, back, give, endings } = byHand(() => ({ database, clock }));
  const newestTransfer = async () => {
    const [row] = await database.read<{ id: number }>('SELECT MAX(transfer_id) AS id FROM points_transfers');
    return row!.id;
  };
  const available = async (userId: number) => (await readAccount(database, userId)).availableHundredths;
  const debtOf = async (userId: number) => (await readAccount(database, userId)).debtHundredths;
  const rowOf = async (userId: number, type: string) => {
    const [row] = await database.read<{ transaction_id: number; status: string }>(
      `SELECT transaction_id, status FROM points_transactions
       WHERE user_id = ? AND transaction_type = ? ORDER BY transaction_id DESC LIMIT 1`,
      [userId, type],
    );
    return row!;
  };

  it('RP-2 P-3 both sides move, and the sender’s very lots have their points again', async () => {
    await earn(from, 100, 10);
    await earn(from, 100, 20);
    await earn(to, 50, 5);
    const { transactionId } = await give(from, to, 150);
    const { receiver, restored, ...sender } = await back(transactionId);
    assert.deepEqual(
      [sender.userId, sender.amountHundredths, sender.balanceAfterHundredths, sender.debtHundredths],
      [from, 150, 200, 0],
    );
    assert.deepEqual(
      [receiver?.userId, receiver?.balanceAfterHundredths, receiver?.debtHundredths],
      [to, 50, 0],
    );
    assert.deepEqual(
      restored.map(({ amountHundredths, outcome }) => [amountHundredths, outcome]),
      [
        [50, 'restored'],
        [100, 'restored'],
      ],
    );
    assert.deepEqual(await endings(from), [
      [10, 100],
      [20, 100],
    ]);
    assert.deepEqual(await endings(to), [[5, 50]]);
    const rows = [await rowOf(from, 'transfer_out'), await rowOf(to, 'transfer_in')];
    assert.deepEqual(
      rows.map(({ status }) => status),
      ['rolled_back', 'rolled_back'],
    );
    assert.equal((await rowOf(to, 'rollback')).transaction_id, receiver?.transactionId);
    const told = await database.read<{ user_id: number }>(
      `SELECT user_id FROM business_events WHERE event_type = 'points:rolled_back' AND user_id IN (?) ORDER BY event_id`,
      [[from, to]],
    );
    assert.deepEqual(
      told.map(({ user_id: userId }) => userId),
      [from, to],
    );
  });

  it('RP-2 RP-9 in parts no point lives longer, and never more comes back than was given', async () => {
    await earn(from, 100, 10);
    await earn(from, 100, 20);
    const { transactionId } = await give(from, to, 200);
    await back(transactionId, 60);
    // Of both, what ends last moves at first.
    assert.deepEqual(await endings(from), [[20, 60]]);
    assert.deepEqual(await endings(to), [
      [10, 100],
      [20, 40],
    ]);
    await back(transactionId, 60);
    assert.deepEqual(await endings(to), [[10, 80]]);
    await assert.rejects(back(transactionId, 81), refusal('CONFLICT'));
    assert.equal((await back(transactionId)).amountHundredths, 80);
    await assert.rejects(back(transactionId), refusal('CONFLICT'));
    assert.deepEqual(await endings(from), [
      [10, 100],
      [20, 100],
    ]);
    assert.equal(await available(to), 0);
  });

  it('RP-3 RP-7 what the receiver has spent is taken of what else they have, then owed, or all is refused', async () => {
    await earn(from, 100, 10);
    await earn(to, 30, 40);
    const { transactionId } = await give(from, to, 100);
    await spend(to, 90);
    await assert.rejects(back(transactionId, undefined, STRICT), refusal('POINTS_INSUFFICIENT'));
    assert.deepEqual([await available(from), await available(to), await debtOf(to)], [0, 40, 0]);
    // Of the transfer 10 are left; others of the receiver's are not touched before.
    await back(transactionId, 10, STRICT);
    assert.deepEqual(await endings(to), [[40, 30]]);
    const { receiver } = await back(transactionId);
    assert.deepEqual([receiver?.balanceAfterHundredths, receiver?.debtHundredths], [0, 60]);
    assert.deepEqual(await endings(from), [[10, 100]]);
    await earn(to, 100);
    assert.deepEqual([await available(to), await debtOf(to)], [40, 0]);
  });

  it('RP-2 P-3 one that was approved comes back to the lots it was frozen of', async () => {
    await earn(from, 100, 10);
    await earn(from, 100, 20);
    await give(from, to, 150, 100);
    await earn(from, 10, 1);
    const transferId = await newestTransfer();
    const { transactionId } = await run((tx) => approve(tx, { actor: ACTOR, transferId }, clock.nowMs()));
    await back(transactionId);
    assert.deepEqual(await endings(from), [
      [1, 10],
      [10, 100],
      [20, 100],
    ]);
    assert.equal(await available(to), 0);
  });

  it('P-3 what somebody does not have is not held for a review either', async () => {
    await earn(from, 99);
    const before = await newestTransfer();
    await assert.rejects(give(from, to, 100, 100), refusal('POINTS_INSUFFICIENT'));
    assert.deepEqual([await newestTransfer(), await available(from)], [before, 99]);
  });

  it('P-3 no machine decides: its key may be of one of the two', async () => {
    await earn(from, 100);
    await give(from, to, 100, 100);
    const decision = { actor: { ...ACTOR, userId: -1 }, transferId: await newestTransfer() };
    const decide = [
      approve,
      (tx: Tx, asked: typeof decision, nowMs: number) => reject(tx, { ...asked, reason: 'r' }, nowMs),
    ];
    for (const verb of decide)
      await assert.rejects(
        run((tx) => verb(tx, decision, clock.nowMs())),
        refusal('FORBIDDEN'),
      );
    assert.equal((await readAccount(database, from)).frozenHundredths, 100);
  });

  it('RP-2 to a lot that has ended meanwhile it comes back for some days, or expires at once', async () => {
    await earn(from, 100, 10);
    await earn(to, 100);
    const { transactionId } = await give(from, to, 60);
    clock.advance(20 * DAY_MS);
    const graced = await back(transactionId, 20);
    assert.deepEqual(
      graced.restored.map(({ outcome, expiresAtMs }) => [outcome, expiresAtMs]),
      [['grace', endOf(27)]],
    );
    assert.deepEqual([await endings(from), await available(to)], [[[27, 20]], 80]);
    const expired = await back(transactionId, undefined, STRICT);
    assert.deepEqual(
      expired.restored.map(({ outcome }) => outcome),
      ['expired'],
    );
    assert.deepEqual([await available(from), await available(to)], [20, 40]);
  });

  it('P-5 the receiver’s row is not rolled back: the answer names the sender’s', async () => {
    await earn(from, 100);
    const { transactionId } = await give(from, to, 60);
    const { transaction_id: received } = await rowOf(to, 'transfer_in');
    await assert.rejects(back(received), (error: unknown) => {
      assert.ok(error instanceof AppError && error.code === 'CONFLICT');
      assert.equal((error.details as { transaction_id: number }).transaction_id, transactionId);
      return true;
    });
    assert.deepEqual([await available(from), await available(to)], [40, 60]);
  });

  it('P-5 what is taken back at once by many is taken back once', async () => {
    await earn(from, 100);
    await earn(to, 100);
    const there = await give(from, to, 60);
    const here = await give(to, from, 50);
    const asked = await Promise.allSettled(
      Array.from({ length: 12 }, (_, at) => back((at % 2 === 0 ? there : here).transactionId, 10)),
    );
    assert.equal(asked.filter(({ status }) => status === 'fulfilled').length, 11);
    assert.deepEqual([await available(from), await available(to)], [100, 100]);
  });

  it('P-6 a lot names the row that made it', async () => {
    await earn(from, 100, 10);
    await earn(from, 100, 20);
    await give(from, to, 150);
    const { transaction_id: received } = await rowOf(to, 'transfer_in');
    const lots = await database.read<{ transaction_id: number | null }>(
      'SELECT transaction_id FROM points_lots WHERE user_id = ?',
      [to],
    );
    assert.deepEqual(
      lots.map(({ transaction_id: id }) => id),
      [received, received],
    );
  });

  it('P-2 P-3 RP-9 any of it in any order leaves the books in balance', async () => {
    const step = fc.record({
      verb: fc.constantFrom('earn', 'spend', 'give', 'ask', 'approve', 'reject', 'back', 'wait', 'expire'),
      isThere: fc.boolean(),
      amount: fc.integer({ min: 1, max: 200 }),
      days: fc.option(fc.integer({ min: 0, max: 6 }), { nil: undefined }),
      which: fc.nat(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        const users = [await createUser(database), await createUser(database)] as const;
        const [given, asked]: number[][] = [[], []];
        for (const { verb, isThere, amount, days, which } of steps) {
          const [one, other] = isThere ? users : users.toReversed();
          const pick = (ids: readonly number[] = []) => ids[which % Math.max(ids.length, 1)] ?? 0;
          const verbs: Record<string, () => Promise<unknown>> = {
            earn: () =>
              post(
                one,
                'earn',
                amount,
                days === undefined ? null : endOfBusinessDay(clock.nowMs() + days * DAY_MS, ZONE),
              ),
            spend: () => spend(one, amount),
            give: async () => given?.push((await give(one, other, amount)).transactionId),
            ask: async () => {
              await give(one, other, amount, 1);
              asked?.push(await newestTransfer());
            },
            approve: async () => {
              const decision = { actor: ACTOR, transferId: pick(asked) };
              given?.push((await run((tx) => approve(tx, decision, clock.nowMs()))).transactionId);
            },
            reject: () => {
              const decision = { actor: ACTOR, transferId: pick(asked), reason: 'r' };
              return run((tx) => reject(tx, decision, clock.nowMs()));
            },
            back: () =>
              back(pick(given), days === undefined ? undefined : amount, days === 0 ? STRICT : GRACE),
            wait: async () => clock.advance((days ?? 0) * DAY_MS),
            expire: () => expireAll({ database, clock }),
          };
          await verbs[verb]!().catch((error: unknown) => {
            if (!(error instanceof AppError) || error.status >= 500) throw error;
          });
        }
      }),
      { numRuns: 25 },
    );
  });
});
