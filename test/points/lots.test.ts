import assert from 'node:assert/strict';
import fc from 'fast-check';
import { before, it } from 'mocha';
import type { Database } from '../../src/platform/database/transaction.ts';
import { businessDayOf, endOfBusinessDay } from '../../src/platform/clock.ts';
import { AppError, type ErrorCode } from '../../src/platform/errors.ts';
import { readAccount } from '../../src/points/account.ts';
import { expireAll } from '../../src/points/expiry.ts';
import { consumeFrozen, freeze, unfreeze } from '../../src/points/holds.ts';
import { postOne } from '../../src/points/ledger.ts';
import { Campaign } from '../../src/lottery/campaign.ts';
import { assertBooksBalance, openScene } from '../lottery/scene.ts';
import { TestClock } from '../support/clock.ts';
import { forEachDatabase } from '../support/databases.ts';
import { createUser } from '../support/factories.ts';
import { byHand, DAY_MS, endOf, GRACE, START_MS, STRICT, ZONE } from './byHand.ts';

const refusal = (code: ErrorCode) => (error: unknown) => error instanceof AppError && error.code === code;

forEachDatabase('points in lots', (open) => {
  let database: Database;
  let clock: TestClock;
  let userId: number;
  before(async () => {
    database = await open();
  });
  beforeEach(async () => {
    clock = new TestClock(START_MS);
    userId = await createUser(database);
  });
  afterEach(() => assertBooksBalance(database));

  const { run, back, give, ...by } = byHand(() => ({ database, clock }));
  const post = (type: string, amount: number, expiresAtMs: number | null = null) =>
    by.post(userId, type, amount, expiresAtMs);
  const earn = (amount: number, days?: number) => by.earn(userId, amount, days);
  const spend = (amount: number) => by.spend(userId, amount);
  const endings = () => by.endings(userId);
  const hold = (amount: number, expiresAtMs: number | null = null) =>
    run((tx) => freeze(tx, { userId, amountHundredths: amount, reason: 'r', expiresAtMs }, clock.nowMs()));
  const release = (amount: number) =>
    run((tx) => unfreeze(tx, { userId, amountHundredths: amount, reason: 'r' }, clock.nowMs()));
  const commit = (amount: number) =>
    run((tx) => consumeFrozen(tx, { userId, amountHundredths: amount, reason: 'r' }, clock.nowMs()));
  const available = async () => (await readAccount(database, userId)).availableHundredths;
  /** Through a campaign whose draws cost so much, and give a coupon at most. */
  const drawFor = async (amount: number) => {
    const times = { start_time: new Date(START_MS - DAY_MS), end_time: new Date(START_MS + DAY_MS) };
    const scene = await openScene(database, {
      campaign: { ...times, cost_per_draw: amount },
      prizes: [{ prize_type: 'coupon', total_quantity: null }],
    });
    await scene.campaign.close();
    const campaign = await Campaign.open({ ...scene.services, clock }, scene.campaignId);
    await campaign.draw({ userId }, { request_id: 'r', draw_count: 1 });
    await campaign.close();
  };

  const SPENDINGS: Record<string, (amount: number) => Promise<unknown>> = {
    consume: spend,
    draw: drawFor,
    freeze: hold,
    'consume what is frozen': async (amount) => {
      await hold(amount);
      await commit(amount);
    },
    transfer: async (amount) => give(userId, await createUser(database), amount),
    'a transfer in review': async (amount) => give(userId, await createUser(database), amount, 1),
  };
  for (const [name, spending] of Object.entries(SPENDINGS))
    it(`RP-1 ${name} takes of what ends first, of what never ends at last`, async () => {
      await earn(100);
      await earn(100, 30);
      await earn(100, 10);
      await earn(100, 20);
      const seen: unknown[] = [];
      for (const amount of [50, 100, 120]) {
        await spending(amount);
        seen.push(await endings());
      }
      assert.deepEqual(seen, [
        [
          [10, 50],
          [20, 100],
          [30, 100],
        ],
        [
          [20, 50],
          [30, 100],
        ],
        [[30, 30]],
      ]);
    });

  it('RP-2 a spending comes back to the very lots it took, in parts, and never more than it was', async () => {
    await earn(100, 10);
    await earn(100, 20);
    const { transactionId } = await spend(150);
    const parts = [await back(transactionId, 60), await back(transactionId, 60)];
    assert.deepEqual(
      parts.map(({ restored }) =>
        restored.map(({ amountHundredths, outcome }) => [amountHundredths, outcome]),
      ),
      [
        [
          [50, 'restored'],
          [10, 'restored'],
        ],
        [[60, 'restored']],
      ],
    );
    assert.deepEqual(await endings(), [
      [10, 70],
      [20, 100],
    ]);
    await assert.rejects(back(transactionId, 31), refusal('CONFLICT'));
    assert.equal((await back(transactionId)).amountHundredths, 30);
    await assert.rejects(back(transactionId), refusal('CONFLICT'));
    assert.equal(await available(), 200);
  });

  it('RP-2 to a lot that has ended meanwhile it comes back for some days, or expires at once', async () => {
    await earn(100, 10);
    const [first, second] = [await spend(30), await spend(30)];
    clock.advance(20 * DAY_MS);
    const graced = await back(first.transactionId);
    assert.deepEqual(
      graced.restored.map(({ outcome, expiresAtMs }) => [outcome, expiresAtMs]),
      [['grace', endOf(27)]],
    );
    assert.deepEqual(await endings(), [[27, 30]]);
    const expired = await back(second.transactionId, undefined, STRICT);
    assert.deepEqual(
      expired.restored.map(({ outcome }) => outcome),
      ['expired'],
    );
    assert.equal(await available(), 30);
  });

  it('RP-3 RP-7 what is taken back and not there is owed, and the next earning pays it', async () => {
    const { transactionId } = await earn(100);
    await earn(50, 5);
    await spend(120);
    await assert.rejects(back(transactionId, undefined, STRICT), refusal('POINTS_INSUFFICIENT'));
    assert.equal((await back(transactionId)).debtHundredths, 70);
    assert.equal(await available(), 0);
    await earn(30);
    const { debtHundredths, totalHundredths } = await readAccount(database, userId);
    assert.deepEqual([debtHundredths, totalHundredths], [40, 0]);
    await earn(100, 8);
    assert.deepEqual([(await readAccount(database, userId)).debtHundredths, await endings()], [0, [[8, 60]]]);
  });

  it('RP-3 of two rows that belong to one thing each is taken of its own lots', async () => {
    const words = { source: 'test', reason: 'r', relatedId: '5' };
    const gain = (days: number) => {
      const entry = { ...words, userId, type: 'earn', amountHundredths: 100, expiresAtMs: endOf(days) };
      return run((tx, nowMs) => postOne(tx, entry, nowMs));
    };
    await gain(10);
    const { transactionId } = await gain(20);
    await back(transactionId);
    assert.deepEqual(await endings(), [[10, 100]]);
  });

  it('RP-6 holds never exceed the balance, however many are asked for at once', async () => {
    await earn(100, 10);
    const asked = await Promise.allSettled(Array.from({ length: 50 }, () => hold(9)));
    assert.equal(asked.filter(({ status }) => status === 'fulfilled').length, 11);
    const { availableHundredths, frozenHundredths } = await readAccount(database, userId);
    assert.deepEqual([availableHundredths, frozenHundredths], [1, 99]);
    await assert.rejects(release(100), refusal('POINTS_INSUFFICIENT'));
    await assert.rejects(commit(100), refusal('POINTS_INSUFFICIENT'));
  });

  it('RP-6 held points do not end, and do at their release if their time has come', async () => {
    await earn(100, 10);
    await hold(40);
    await hold(30, clock.nowMs() + 15 * DAY_MS);
    clock.advance(12 * DAY_MS);
    await expireAll({ database, clock });
    let account = await readAccount(database, userId);
    assert.deepEqual([account.availableHundredths, account.frozenHundredths], [0, 70]);
    clock.advance(5 * DAY_MS);
    await Promise.all([expireAll({ database, clock }), expireAll({ database, clock })]);
    account = await readAccount(database, userId);
    assert.deepEqual([account.availableHundredths, account.frozenHundredths], [0, 40]);
    await commit(25);
    await release(15);
    account = await readAccount(database, userId);
    assert.deepEqual([account.totalHundredths, account.frozenHundredths], [0, 0]);
  });

  it('RP-8 a lot is spendable to the last millisecond of its day, and not after, with or without the job', async () => {
    await earn(100, 10);
    clock.advance(endOf(10) - 1 - clock.nowMs());
    assert.equal(businessDayOf(clock.nowMs(), ZONE), '2026-03-11');
    await spend(40);
    clock.advance(1);
    await assert.rejects(spend(1), refusal('POINTS_INSUFFICIENT'));
    await Promise.all([1, 2, 3].map(() => expireAll({ database, clock })));
    await expireAll({ database, clock });
    assert.equal(await available(), 0);
    const rows = await database.read<{ transaction_type: string; amount: number | string }>(
      'SELECT transaction_type, amount FROM points_transactions WHERE user_id = ? ORDER BY transaction_id',
      [userId],
    );
    assert.deepEqual(
      rows.map(({ transaction_type: type, amount }) => [type, Math.round(Number(amount) * 100)]),
      [
        ['earn', 100],
        ['consume', -40],
        ['expire', -60],
      ],
    );
  });

  it('P-5 a draw’s debit comes back to its lots, and what it has won is taken back', async () => {
    await earn(500, 10);
    const times = { start_time: new Date(START_MS - DAY_MS), end_time: new Date(START_MS + DAY_MS) };
    const scene = await openScene(database, {
      campaign: { ...times, cost_per_draw: 300 },
      prizes: [{ prize_type: 'points', prize_value: 40, win_probability: 100_000_000, total_quantity: null }],
    });
    await scene.campaign.close();
    const campaign = await Campaign.open({ ...scene.services, clock }, scene.campaignId);
    await campaign.draw({ userId }, { request_id: 'r', draw_count: 1 });
    await campaign.close();
    assert.equal(await available(), 240);
    const rows = await database.read<{ transaction_id: number; transaction_type: string }>(
      'SELECT transaction_id, transaction_type FROM points_transactions WHERE user_id = ?',
      [userId],
    );
    const idOf = (type: string) => rows.find((row) => row.transaction_type === type)!.transaction_id;
    await back(idOf('lottery_draw'));
    assert.deepEqual(await endings(), [[10, 500]]);
    await back(idOf('lottery_prize'));
    assert.deepEqual([await available(), await endings()], [500, [[10, 500]]]);
    await assert.rejects(back(idOf('lottery_prize')), refusal('CONFLICT'));
  });

  it('P-2 P-6 any operations in any order leave the books in balance', async () => {
    const amount = fc.integer({ min: 1, max: 200 });
    const step = fc.record({
      verb: fc.constantFrom('earn', 'spend', 'hold', 'release', 'commit', 'back', 'wait', 'expire'),
      amount,
      days: fc.option(fc.integer({ min: 0, max: 6 }), { nil: undefined }),
      which: fc.nat(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        userId = await createUser(database);
        const posted: number[] = [];
        const keep = ({ transactionId }: { transactionId: number }) => posted.push(transactionId);
        for (const { verb, amount, days, which } of steps) {
          const verbs: Record<string, () => Promise<unknown>> = {
            earn: async () =>
              keep(
                await post(
                  'earn',
                  amount,
                  days === undefined ? null : endOfBusinessDay(clock.nowMs() + days * DAY_MS, ZONE),
                ),
              ),
            spend: async () => keep(await spend(amount)),
            hold: () => hold(amount, days === undefined ? null : clock.nowMs() + days * DAY_MS),
            release: () => release(amount),
            commit: async () => keep(await commit(amount)),
            back: async () => {
              if (posted.length > 0)
                await back(
                  posted[which % posted.length]!,
                  days === undefined ? undefined : amount,
                  days === 0 ? STRICT : GRACE,
                );
            },
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
