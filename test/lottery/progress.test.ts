import assert from 'node:assert/strict';
import { LotteryDraw } from '../../entities/lottery/LotteryDraw.ts';
import { LotteryPrize } from '../../entities/lottery/LotteryPrize.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import type { DrawReply } from '../../src/lottery/messages.ts';
import { LIMITS } from '../../src/platform/limits.ts';
import { forEachDatabase, onMariadb } from '../support/databases.ts';
import { createUser, createUsers, type CampaignOverrides } from '../support/factories.ts';
import {
  assertBooksBalance,
  countTransactions,
  draw,
  openScene,
  refused,
  RICH,
  settledCodes,
  sureWin,
} from './scene.ts';

const OPERATOR = { userId: 1, ip: '127.0.0.1', requestId: 'operator' };
const CALLERS = 200;

forEachDatabase('a campaign whose draws cannot all be decided', (open) => {
  it('DRAW-7 a campaign that ends with its seed used up answers everybody and closes', async () => {
    const { database, campaign } = await openScene(await open(), { campaign: { seed_rotation_draws: 10 } });
    const userIds = await createUsers(database, CALLERS, RICH);
    const first = await draw(campaign, userIds[0]!, 'first', 10);
    const before = countTransactions(database);
    await campaign.setStatus('ended');
    const asked = userIds.map((userId) => draw(campaign, userId, 'late'));
    const again = draw(campaign, userIds[0]!, 'first', 10);
    const codes = await settledCodes(asked);
    assert.deepEqual(codes, { CAMPAIGN_NOT_ACTIVE: CALLERS });
    assert.deepEqual(await again, { ...first, replayed: true });
    await campaign.close();
    assert.ok(before.taken() <= 5, `${before.taken()} transactions`);
    await assertBooksBalance(database);
  });

  it('DRAW-7 draws in flight at the end are drawn or refused, all answered, and the room can close', async () => {
    const { database, campaign } = await openScene(await open(), { campaign: { seed_rotation_draws: 7 } });
    const userIds = await createUsers(database, CALLERS, RICH);
    const transactions = countTransactions(database);
    const asked = userIds.map((userId) => draw(campaign, userId, 'r', 5));
    await Promise.race(asked);
    const ended = campaign.setStatus('ended');
    const later = userIds.map((userId) => draw(campaign, userId, 's'));
    const codes = await settledCodes([...asked, ...later]);
    await ended;
    await campaign.close();
    const drawn = await database.reader.count(LotteryDraw);
    assert.equal((codes['drawn'] ?? 0) + (codes['CAMPAIGN_NOT_ACTIVE'] ?? 0), 2 * CALLERS);
    assert.ok(drawn < 6 * CALLERS && drawn === campaign.pool.drawNo);
    assert.ok(transactions.taken() < 3 * CALLERS, `${transactions.taken()} transactions`);
    await assertBooksBalance(database);
  });

  it('DRAW-7 an archived campaign and one that is not yet open refuse without a seed as well', async () => {
    const { database, campaign } = await openScene(await open(), { campaign: { seed_rotation_draws: 1 } });
    const userId = await createUser(database, RICH);
    await draw(campaign, userId, 'first');
    await campaign.setStatus('paused');
    const transactions = countTransactions(database);
    await assert.rejects(draw(campaign, userId, 'paused'), refused('CAMPAIGN_NOT_ACTIVE'));
    await campaign.setStatus('ended');
    await campaign.setStatus('archived');
    await assert.rejects(draw(campaign, userId, 'archived'), refused('CAMPAIGN_NOT_ACTIVE'));
    assert.equal((await draw(campaign, userId, 'first')).replayed, true);
    await campaign.close();
    assert.ok(transactions.taken() <= 8, `${transactions.taken()} transactions`);
  });

  it('DRAW-5 one diner whose account can hold no more fails alone among a thousand', async () => {
    const { database, campaign } = await openScene(await open(), pointsForAll());
    const userIds = await createUsers(database, 1000, { points: 100_00 });
    const full = userIds[613]!;
    // What has been earned in all is at the largest value that the column holds; the balance is not.
    await database.transaction((tx) =>
      tx.execute('UPDATE user_points_accounts SET history_total_points = ? WHERE user_id = ?', [
        LIMITS.pointsPerAccount / 100,
        full,
      ]),
    );
    const transactions = countTransactions(database);
    const results = await Promise.allSettled(userIds.map((userId) => draw(campaign, userId, 'r')));
    const failed = results.flatMap((result, at) => (result.status === 'rejected' ? [userIds[at]] : []));
    assert.deepEqual(failed, [full]);
    assert.ok(results.some((result) => result.status === 'rejected' && refused('CONFLICT')(result.reason)));
    // Found by halves: twice for each of the ten levels of a thousand.
    assert.ok(transactions.taken() <= 30, `${transactions.taken()} transactions`);
    assert.equal(await database.reader.count(LotteryDraw), 999);
    await campaign.close();
  });

  it('DRAW-5 what one diner’s rows do to a batch is told to that diner alone, as INTERNAL', async () => {
    const { database, campaign } = await openScene(await open(), sureWin(null));
    const userIds = await createUsers(database, 64, RICH);
    const broken = [userIds[0]!, userIds[40]!, userIds[63]!];
    await Promise.all(userIds.map((userId) => draw(campaign, userId, 'first')));
    const setWins = (wins: number) =>
      database.transaction((tx) =>
        tx.execute('UPDATE lottery_user_counters SET wins = ? WHERE user_id IN (?)', [wins, broken]),
      );
    await limitWins(database);
    await setWins(MOST_WINS);
    const transactions = countTransactions(database);
    const results = await Promise.allSettled(userIds.map((userId) => draw(campaign, userId, 'second')));
    const failed = results.flatMap((result, at) => (result.status === 'rejected' ? [userIds[at]] : []));
    assert.deepEqual(failed, broken);
    assert.ok(results.every((result) => result.status === 'fulfilled' || refused('INTERNAL')(result.reason)));
    assert.ok(transactions.taken() <= 40, `${transactions.taken()} transactions`);
    assert.equal(await database.reader.count(LotteryDraw), 64 + 61);
    await setWins(1);
    assert.equal((await draw(campaign, broken[0]!, 'second')).draws.length, 1);
    await assertBooksBalance(database);
    await campaign.close();
  });

  it('DRAW-5 a request that cannot even be decided fails alone', async () => {
    const { database, campaign } = await openScene(await open());
    const userIds = await createUsers(database, 30, RICH);
    // No text at all, so that whatever writes it down throws.
    const noText = Symbol('seed') as unknown as string;
    const results = await Promise.allSettled(
      userIds.map((userId, at) => draw(campaign, userId, 'r', 2, at === 11 ? noText : undefined)),
    );
    const failed = results.flatMap((result, at) => (result.status === 'rejected' ? [at] : []));
    assert.deepEqual(failed, [11]);
    assert.ok(refused('INTERNAL')((results[11] as PromiseRejectedResult).reason));
    assert.equal(campaign.pool.drawNo, 58);
    await assertBooksBalance(database);
    await campaign.close();
  });

  it('DRAW-5 when every request is at fault the search is bounded, and nobody waits for ever', async () => {
    const { database, campaign } = await openScene(await open(), sureWin(null));
    const userIds = await createUsers(database, 500, RICH);
    await renameTable(database, 'user_inventories', 'user_things');
    const transactions = countTransactions(database);
    const codes = await settledCodes(userIds.map((userId) => draw(campaign, userId, 'r')));
    assert.equal((codes['INTERNAL'] ?? 0) + (codes['BUSY'] ?? 0), 500);
    assert.ok(transactions.taken() <= 120, `${transactions.taken()} transactions`);
    await renameTable(database, 'user_things', 'user_inventories');
    assert.deepEqual(await settledCodes(userIds.map((userId) => draw(campaign, userId, 'r'))), {
      drawn: 500,
    });
    await assertBooksBalance(database);
    await campaign.close();
  });

  it('DRAW-3 a stock that is not what the owner holds is read anew, and draws go on', async () => {
    const { database, campaign, prizeIds } = await openScene(await open(), sureWin(5));
    const userIds = await createUsers(database, 10, RICH);
    await draw(campaign, userIds[0]!, 'first');
    // Behind the owner's back: no log entry tells of it.
    await database.transaction((tx) =>
      tx.execute('UPDATE lottery_prizes SET remaining_quantity = 2, total_quantity = 3 WHERE prize_id = ?', [
        prizeIds[0],
      ]),
    );
    const replies = await Promise.all(userIds.map((userId) => draw(campaign, userId, 'r')));
    assert.equal(wonIn(replies), 2);
    const prize = await database.reader.findOneByOrFail(LotteryPrize, { prize_id: prizeIds[0]! });
    assert.deepEqual([prize.remaining_quantity, prize.won_quantity], [0, 3]);
    assert.equal(campaign.pool.stock.get(prizeIds[0]!), 0);
    await campaign.close();
  });

  it('DRAW-3 what the operator changes makes the owner read all of its stock', async () => {
    const { database, campaign, prizeIds } = await openScene(await open(), sureWin(5));
    const userId = await createUser(database, RICH);
    await database.transaction((tx) =>
      tx.execute(
        'UPDATE lottery_prizes SET remaining_quantity = 50, total_quantity = 50 WHERE prize_id = ?',
        [prizeIds[0]],
      ),
    );
    const change = { prizeId: prizeIds[0]!, delta: 1, actor: { ...OPERATOR, userId }, key: 'restock' };
    assert.equal((await campaign.adjustStock(change)).result, 51);
    assert.equal(
      wonIn(await Promise.all(Array.from({ length: 10 }, (_, at) => draw(campaign, userId, `r${at}`)))),
      10,
    );
    assert.equal(campaign.pool.stock.get(prizeIds[0]!), 41);
    await campaign.close();
  });
});

onMariadb('a campaign with a request that does not fit its columns', (open) => {
  it('DRAW-5 a text that is too long for its column fails its own request alone', async () => {
    const { database, campaign } = await openScene(await open());
    const userIds = await createUsers(database, 100, RICH);
    const results = await Promise.allSettled(
      userIds.map((userId, at) => draw(campaign, userId, 'r', 1, at === 99 ? 'x'.repeat(300) : undefined)),
    );
    const failed = results.flatMap((result, at) => (result.status === 'rejected' ? [at] : []));
    assert.deepEqual(failed, [99]);
    assert.ok(refused('INTERNAL')((results[99] as PromiseRejectedResult).reason));
    await assertBooksBalance(database);
    await campaign.close();
  });
});

/** The most that an INTEGER column of MariaDB holds. */
const MOST_WINS = 2_147_483_647;

/** SQLite takes any number: there a trigger refuses as MariaDB does. */
async function limitWins(database: Database): Promise<void> {
  if (database.dialect === 'mysql') return;
  await database.transaction((tx) =>
    tx.execute(
      `CREATE TRIGGER most_wins BEFORE UPDATE ON lottery_user_counters WHEN NEW.wins > ${MOST_WINS}
       BEGIN SELECT RAISE(ABORT, 'out of range'); END`,
    ),
  );
}

/** A campaign in which every draw wins points. */
function pointsForAll(): CampaignOverrides {
  return {
    campaign: { guarantee_threshold: null },
    prizes: [
      { prize_type: 'points', prize_value: 10_00, win_probability: 100_000_000, total_quantity: null },
    ],
  };
}

function wonIn(replies: readonly DrawReply[]): number {
  return replies.flatMap(({ draws }) => draws).filter((one) => one.is_winner).length;
}

/** Outside of a transaction, which MariaDB would end by it. */
async function renameTable(database: Database, ...[from, to]: [from: string, to: string]): Promise<void> {
  await database['sources'].write.query(`ALTER TABLE ${from} RENAME TO ${to}`);
}
