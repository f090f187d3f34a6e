import assert from 'node:assert/strict';
import { before, it } from 'mocha';
import { PointsEarned } from '../../entities/points/PointsEarned.ts';
import { UserPointsAccount } from '../../entities/points/UserPointsAccount.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import { lockAccounts, post, Postings } from '../../src/points/ledger.ts';
import { dayAfter } from '../../src/points/statistics/periods.ts';
import { countOpenEarnings, readEarned } from '../../src/points/statistics/openEarnings.ts';
import { dataOf } from '../identity/serveRoutes.ts';
import { assertBooksBalance, draw, openScene } from '../lottery/scene.ts';
import { forEachDatabase } from '../support/databases.ts';
import { createUser, createUsers } from '../support/factories.ts';
import { failCommits } from '../support/faults.ts';
import { countStatements } from '../support/statements.ts';
import { servePoints } from './servedPoints.ts';

const DAY_MS = 86_400_000;
/** Every draw wins 2 points. */
const SURE_POINTS = {
  campaign: { guarantee_threshold: null },
  prizes: [
    { prize_type: 'points' as const, prize_value: 2_00, win_probability: 100_000_000, total_quantity: null },
  ],
};

forEachDatabase('what draws have earned', (open) => {
  const served = servePoints(open, 1_000_000_000);
  const { clock, tokenOf } = served;
  let database: Database;
  before(() => {
    database = served.database;
  });
  afterEach(() => assertBooksBalance(database));

  const accountOf = (userId: number) =>
    database.currentReader.findOneByOrFail(UserPointsAccount, { user_id: userId });
  const counted = async (userId: number) => {
    const rows = await database.currentReader.findBy(PointsEarned, { user_id: userId });
    return rows.map(({ period, earned }) => `${period} ${earned}`).sort();
  };
  const leaderboard = async (userId: number, period = 'day') =>
    dataOf(await served.call('GET', `/points/leaderboard?period=${period}`, { token: tokenOf(userId) }));
  /** As a batch of draws leaves it. */
  const win = (users: readonly number[], amountHundredths = 2_00, nowMs = clock.nowMs()) =>
    database.retryingTransaction(async (tx) => {
      const postings = await Postings.open(tx, await lockAccounts(tx, users), nowMs);
      for (const userId of users)
        postings.add({
          ...{ userId, type: 'earn', amountHundredths },
          ...{ source: 'lottery', reason: 'r', relatedId: null },
        });
      await postings.store(tx, { leavesEarnedOpen: true });
    });

  it('P-12 draws leave it in the account, and the next leaderboard has it, of all periods', async () => {
    const scene = await openScene(database, SURE_POINTS);
    clock.set(scene.clock.nowMs());
    const userId = await createUser(database, { points: 10_000_00 });
    const before = await counted(userId);
    await draw(scene.campaign, userId, 'a', 10);
    const { open_earned: open, is_earned_open: isOpen } = await accountOf(userId);
    assert.deepEqual([open, Boolean(isOpen)], [20_00, true]);
    assert.deepEqual(await counted(userId), before);
    await assertBooksBalance(database);
    for (const period of ['day', 'week', 'month']) {
      const { me } = await leaderboard(userId, period);
      assert.equal((me as { points: number }).points, 10_020);
    }
    assert.equal(Boolean((await accountOf(userId)).is_earned_open), false);
    assert.deepEqual(await counted(userId), ['day 1002000', 'month 1002000', 'week 1002000']);
  });

  it('P-12 whoever counts it, on several nodes and after a kill, counts it once', async () => {
    const users = await createUsers(database, 230);
    await win(users);
    const faults = failCommits(database, ['answer is lost', 'commit fails']);
    for (let tries = 0; tries < 3; tries++)
      await countOpenEarnings({ database, clock }).catch(() => undefined);
    assert.equal(faults.remaining(), 0);
    await win(users);
    const node = () => countOpenEarnings({ database, clock });
    await Promise.all([node(), node(), win(users), node()]);
    await node();
    for (const userId of users) assert.deepEqual(await counted(userId), ['day 600', 'month 600', 'week 600']);
  });

  it('P-12 another day, another source or another posting counts what was open', async () => {
    const [day, source, other] = await createUsers(database, 3);
    await win([day!, source!, other!]);
    await win([day!], 3_00, clock.nowMs() + 40 * DAY_MS);
    assert.deepEqual(await counted(day!), ['day 200', 'month 200', 'week 200']);
    const entry = { amountHundredths: 1_00, source: 'bill', reason: 'r', relatedId: null };
    await database.transaction((tx) =>
      post(tx, [{ ...entry, userId: source!, type: 'earn' }], clock.nowMs()),
    );
    assert.deepEqual(await counted(source!), ['day 300', 'month 300', 'week 300']);
    const spent = { ...entry, source: 'lottery', amountHundredths: -50 };
    await database.transaction((tx) =>
      post(tx, [{ ...spent, userId: other!, type: 'consume' }], clock.nowMs()),
    );
    assert.deepEqual(await counted(other!), ['day 200', 'month 200', 'week 200']);
  });

  it('P-8 P-12 what a user has earned has it as well, but not that of a period before', async () => {
    const userId = await createUser(database);
    const startsOf = async () => (await accountOf(userId)).open_day!;
    await win([userId]);
    const starts = await startsOf();
    const earned = (from: string) =>
      readEarned(database.currentReader, { period: 'day', starts: from, userId });
    assert.equal(await earned(starts), 2_00);
    await countOpenEarnings({ database, clock });
    await win([userId]);
    assert.equal(await earned(starts), 4_00);
    assert.equal(await earned(dayAfter(starts)), 0);
    await win([userId], 1_00, clock.nowMs() + DAY_MS);
    const next = await startsOf();
    assert.deepEqual([await earned(starts), await earned(next)], [5_00, 1_00]);
  });

  it('DB-6 the statements do not grow with those who have won', async () => {
    const ofCounting = async (count: number) => {
      await win(await createUsers(database, count));
      const statements = countStatements(database);
      await countOpenEarnings({ database, clock });
      return statements.take();
    };
    await countOpenEarnings({ database, clock });
    assert.equal(await ofCounting(90), await ofCounting(2));
  });
});
