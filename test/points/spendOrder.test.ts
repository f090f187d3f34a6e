import assert from 'node:assert/strict';
import { before, it } from 'mocha';
import { Campaign } from '../../src/lottery/campaign.ts';
import { fromSqlPoints } from '../../src/platform/database/sqlValues.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import { consumeFrozen, freeze } from '../../src/points/holds.ts';
import { lockAccounts, Postings } from '../../src/points/ledger.ts';
import { assertBooksBalance, openScene } from '../lottery/scene.ts';
import { TestClock } from '../support/clock.ts';
import { forEachDatabase } from '../support/databases.ts';
import { createUser } from '../support/factories.ts';
import { byHand, DAY_MS, OWING } from './byHand.ts';

/** In how many days each lot ends, in the order in which they come; null: never. All are of 100. */
const LOTS = [null, 30, 10, 20, 10, null];
/** What is left of each when so much is spent: of two alike the older one is spent first. */
const LEFT: Record<number, number[]> = {
  60: [100, 100, 40, 100, 100, 100],
  170: [100, 100, 0, 100, 30, 100],
  250: [100, 100, 0, 50, 0, 100],
  450: [50, 0, 0, 0, 0, 100],
};

forEachDatabase('the order in which points are spent', (open) => {
  const clock = new TestClock();
  let database: Database;
  before(async () => {
    database = await open();
  });
  afterEach(() => assertBooksBalance(database));

  const { run, post, give, back } = byHand(() => ({ database, clock }));
  const held = (userId: number, amountHundredths: number) => ({
    userId,
    amountHundredths,
    reason: 'r',
    expiresAtMs: null,
  });

  /** Who owes so much, and has nothing. */
  const owing = async (amount: number) => {
    const userId = await createUser(database);
    const { transactionId } = await post(userId, 'earn', amount);
    await post(userId, 'consume', -amount);
    await back(transactionId, undefined, OWING);
    return userId;
  };

  const drawFor = async (userId: number, amount: number) => {
    const times = {
      start_time: new Date(clock.nowMs() - DAY_MS),
      end_time: new Date(clock.nowMs() + DAY_MS),
    };
    const scene = await openScene(database, {
      campaign: { ...times, cost_per_draw: amount },
      prizes: [{ prize_type: 'coupon', total_quantity: null }],
    });
    await scene.campaign.close();
    const campaign = await Campaign.open({ ...scene.services, clock }, scene.campaignId);
    await campaign.draw({ userId }, { request_id: 'r', draw_count: 1 });
    await campaign.close();
  };

  const WAYS: Record<string, (userId: number, amount: number) => Promise<unknown>> = {
    consume: (userId, amount) => post(userId, 'consume', -amount),
    draw: drawFor,
    transfer: async (userId, amount) => give(userId, await createUser(database), amount),
    freeze: (userId, amount) => run((tx) => freeze(tx, held(userId, amount), clock.nowMs())),
    // What is owed is paid when something is earned.
    debt: (userId) => post(userId, 'earn', 1),
    'consume what is frozen': async (userId, amount) => {
      await run((tx) => freeze(tx, held(userId, amount), clock.nowMs()));
      await run((tx) => consumeFrozen(tx, held(userId, amount), clock.nowMs()));
    },
    adjust: (userId, amount) => post(userId, 'adjust', -amount),
  };

  /** Of the first lots that came to somebody, once the line of their spending is settled. */
  const leftOf = async (userId: number) => {
    await run(async (tx) => {
      const accounts = await lockAccounts(tx, [userId]);
      await (await Postings.open(tx, accounts, clock.nowMs(), { lotsOf: [userId] })).store(tx);
    });
    const rows = await database.readCurrent<{ remaining: number | string }>(
      `SELECT remaining FROM points_lots WHERE user_id = ? AND origin_type = 'transfer_in' ORDER BY lot_id`,
      [userId],
    );
    return rows.map(({ remaining }) => fromSqlPoints(remaining));
  };

  it('RP-1 consume, draw, transfer, freeze and debt take of the very same lots', async () => {
    for (const [spent, left] of Object.entries(LEFT)) {
      const amount = Number(spent);
      for (const [name, spend] of Object.entries(WAYS)) {
        const userId = name === 'debt' ? await owing(amount) : await createUser(database);
        // Of somebody else: what is earned would pay what is owed at once.
        const giver = await createUser(database);
        for (const days of LOTS) {
          await post(giver, 'earn', 100, days === null ? null : clock.nowMs() + days * DAY_MS);
          await give(giver, userId, 100);
        }
        await spend(userId, amount);
        assert.deepEqual(await leftOf(userId), left, `${name} of ${spent}`);
      }
    }
  }).timeout(60_000);
});
