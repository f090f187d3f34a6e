import assert from 'node:assert/strict';
import { LotteryDraw } from '../../entities/lottery/LotteryDraw.ts';
import { LotteryPrize } from '../../entities/lottery/LotteryPrize.ts';
import { PointsTransaction } from '../../entities/points/PointsTransaction.ts';
import { UserInventory } from '../../entities/inventory/UserInventory.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import type { AppError } from '../../src/platform/errors.ts';
import { LIMITS } from '../../src/platform/limits.ts';
import { Campaign } from '../../src/lottery/campaign.ts';
import type { DrawReply } from '../../src/lottery/messages.ts';
import { readAccount } from '../../src/points/account.ts';
import { forEachDatabase, onMariadb } from '../support/databases.ts';
import { createUser, createUsers } from '../support/factories.ts';
import { failCommits } from '../support/faults.ts';
import { countStatements } from '../support/statements.ts';
import { assertBooksBalance, draw, openScene, refused, RICH, sureWin } from './scene.ts';

forEachDatabase('a campaign', (open) => {
  it('DRAW-4 a repeated request id in a later batch returns the stored result and nothing moves', async () => {
    const { database, campaign } = await openScene(await open());
    const userId = await createUser(database, { points: 1000_00 });
    const first = await draw(campaign, userId, 'again', 3);
    const { availableHundredths } = await readAccount(database, userId);
    assert.deepEqual(await draw(campaign, userId, 'again', 3), { ...first, replayed: true });
    assert.equal((await readAccount(database, userId)).availableHundredths, availableHundredths);
    assert.equal(campaign.pool.drawNo, 3);
    await assert.rejects(draw(campaign, userId, 'again', 2), refused('IDEMPOTENCY_KEY_REUSED'));
    await assertBooksBalance(database);
    await campaign.close();
  });

  it('DRAW-4 a repeated request id in the same batch is drawn once and answered twice', async () => {
    const { database, campaign } = await openScene(await open());
    const userId = await createUser(database, { points: 1000_00 });
    const [first, second, other] = await Promise.allSettled([
      draw(campaign, userId, 'twice', 2),
      draw(campaign, userId, 'twice', 2),
      draw(campaign, userId, 'twice', 1),
    ]);
    assert.ok(first.status === 'fulfilled' && second.status === 'fulfilled' && other.status === 'rejected');
    assert.equal(first.value.replayed, false);
    assert.deepEqual(second.value, { ...first.value, replayed: true });
    assert.ok(refused('IDEMPOTENCY_KEY_REUSED')(other.reason));
    assert.equal(campaign.pool.drawNo, 2);
    await assertBooksBalance(database);
    await campaign.close();
  });

  it('DRAW-4 request ids are compared to the letter', async () => {
    const { database, campaign } = await openScene(await open());
    const userId = await createUser(database, RICH);
    const replies = await Promise.all([draw(campaign, userId, 'a'), draw(campaign, userId, 'A')]);
    assert.deepEqual(drawNumbers(replies), [1, 2]);
    assert.ok((await draw(campaign, userId, 'A')).replayed);
    await assertBooksBalance(database);
    await campaign.close();
  });

  it('DRAW-5 a commit that fails is retried as if it had never been tried', async () => {
    const { database, campaign } = await openScene(await open());
    const userIds = await createUsers(database, 20, RICH);
    const faults = failCommits(database, ['commit fails', 'commit fails']);
    const replies = await Promise.all(userIds.map((userId) => draw(campaign, userId, 'r', 2)));
    assert.equal(faults.remaining(), 0);
    assert.deepEqual(drawNumbers(replies), range(1, 40));
    assert.ok(replies.every((reply) => !reply.replayed));
    await assertBooksBalance(database);
    await campaign.close();
  });

  it('DRAW-6 a commit whose answer is lost is settled by the request ids: nothing is drawn twice', async () => {
    const { database, campaign } = await openScene(await open());
    const userIds = await createUsers(database, 20, RICH);
    failCommits(database, ['answer is lost']);
    const replies = await Promise.all(userIds.map((userId) => draw(campaign, userId, 'r', 2)));
    assert.deepEqual(drawNumbers(replies), range(1, 40));
    assert.ok(replies.every((reply) => reply.replayed));
    assert.equal(await database.reader.count(LotteryDraw), 40);
    // The pool in memory is the committed one again: the next draws go on from it.
    assert.deepEqual(drawNumbers([await draw(campaign, userIds[0]!, 'next')]), [41]);
    await assertBooksBalance(database);
    await campaign.close();
  });

  it('DRAW-6 L-8 draws whose commit was not answered are on the board, and their diners have their places', async () => {
    const { database, campaign } = await openScene(await open(), sureWin(null));
    const userIds = await createUsers(database, 3, RICH);
    await draw(campaign, userIds[0]!, 'before');
    failCommits(database, ['answer is lost']);
    const { replayed } = await draw(campaign, userIds[1]!, 'lost', 2);
    assert.equal(replayed, true);
    assert.deepEqual(
      campaign.leaderboard.top.map((score) => [score.userId, score.draws]),
      [
        [userIds[1], 2],
        [userIds[0], 1],
      ],
    );
    assert.deepEqual(
      campaign.recentWinners.map(({ drawNo }) => drawNo),
      [3, 2, 1],
    );
    assert.equal((await campaign.standingOf(userIds[1]!)).rank, 1);
    await campaign.close();
  });

  it('DRAW-5 a batch that cannot be committed at all is given up as BUSY, and later sent again', async () => {
    const { database, campaign } = await openScene(await open());
    const userId = await createUser(database, { points: 1000_00 });
    failCommits(
      database,
      Array.from({ length: 5 }, () => 'commit fails' as const),
    );
    await assert.rejects(draw(campaign, userId, 'r'), refused('BUSY'));
    assert.equal(campaign.pool.drawNo, 0);
    assert.equal((await draw(campaign, userId, 'r')).draws[0]?.draw_no, 1);
    await assertBooksBalance(database);
    await campaign.close();
  });

  it('DRAW-5 a refusal concerns its own request alone', async () => {
    const { database, campaign } = await openScene(await open());
    const rich = await createUser(database, { points: 300_00 });
    const poor = await createUser(database, { points: 99_99 });
    const results = await Promise.allSettled([
      draw(campaign, rich, 'a', 3),
      draw(campaign, poor, 'b'),
      draw(campaign, rich, 'c', 10),
    ]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'rejected'],
    );
    assert.equal((await readAccount(database, poor)).availableHundredths, 99_99);
    await assertBooksBalance(database);
    await campaign.close();
  });

  it('DRAW-7 a full queue refuses with BUSY and a time to come back', async () => {
    // Nothing to win: points won would pay for further draws.
    const { database, campaign } = await openScene(await open(), sureWin(0));
    const userId = await createUser(database, { points: 100_00 });
    const asked = Array.from({ length: LIMITS.queuedDrawRequests + 1 }, (_, at) =>
      draw(campaign, userId, `r${at}`),
    );
    const results = await Promise.allSettled(asked);
    const codes = results.flatMap((result) =>
      result.status === 'rejected' ? [(result.reason as AppError).code] : [],
    );
    assert.equal(codes.filter((code) => code === 'BUSY').length, 1);
    assert.equal(
      codes.filter((code) => code === 'POINTS_INSUFFICIENT').length,
      LIMITS.queuedDrawRequests - 1,
    );
    const last = results.at(-1);
    assert.ok(last?.status === 'rejected' && (last.reason as AppError).retryAfterSeconds === 1);
    await assertBooksBalance(database);
    await campaign.close();
  });

  it('DRAW-3 the last item, wanted by 500 diners at once, is given once', async () => {
    const { database, campaign, prizeIds } = await openScene(await open(), sureWin(1));
    const userIds = await createUsers(database, 500, RICH);
    const replies = await Promise.all(userIds.map((userId) => draw(campaign, userId, 'r')));
    assert.equal(replies.filter((reply) => reply.draws[0]?.is_winner).length, 1);
    const prize = await database.reader.findOneByOrFail(LotteryPrize, { prize_id: prizeIds[0]! });
    assert.deepEqual([prize.remaining_quantity, prize.won_quantity], [0, 1]);
    assert.equal(await database.reader.count(UserInventory), 1);
    await assertBooksBalance(database);
    await campaign.close();
  });

  it('DRAW-3 the database itself refuses to go below zero stock, and the owner reads what it holds', async () => {
    const { database, campaign, prizeIds } = await openScene(await open(), sureWin(5));
    const userId = await createUser(database, { points: 1000_00 });
    await database.transaction((tx) =>
      tx.execute('UPDATE lottery_prizes SET remaining_quantity = 0, won_quantity = 5 WHERE prize_id = ?', [
        prizeIds[0],
      ]),
    );
    assert.equal((await draw(campaign, userId, 'r')).draws[0]?.is_winner, false);
    const prize = await database.reader.findOneByOrFail(LotteryPrize, { prize_id: prizeIds[0]! });
    assert.deepEqual([prize.remaining_quantity, prize.won_quantity], [0, 5]);
    assert.equal(await database.reader.count(UserInventory), 0);
    await campaign.close();
  });

  it('DRAW-1 an owner with a stale epoch commits nothing, stops and says so', async () => {
    const { database, services, campaignId, campaign } = await openScene(await open());
    const userId = await createUser(database, { points: 1000_00 });
    let fenced = 0;
    campaign.listen({ changed: () => {}, statusChanged: () => {}, fenced: () => fenced++ });
    await draw(campaign, userId, 'before');
    const next = await Campaign.open(services, campaignId);
    const results = await Promise.allSettled([draw(campaign, userId, 'a'), draw(campaign, userId, 'b')]);
    assert.ok(results.every((result) => result.status === 'rejected' && refused('MOVED')(result.reason)));
    await assert.rejects(draw(campaign, userId, 'later'), refused('MOVED'));
    assert.equal(fenced, 1);
    assert.equal((await draw(next, userId, 'a')).draws[0]?.draw_no, 2);
    assert.equal(next.ownerEpoch, campaign.ownerEpoch + 1);
    await assert.rejects(campaign.rotateSeed(), refused('MOVED'));
    await assertBooksBalance(database);
    await next.close();
  });

  it('DRAW-2 what the pool shows is committed at every moment', async () => {
    const { database, campaign } = await openScene(await open());
    const userIds = await createUsers(database, 10, RICH);
    const seen: [shown: number, stored: Promise<number>][] = [];
    campaign.listen({
      changed: () => seen.push([campaign.pool.drawNo, database.reader.count(LotteryDraw)]),
      statusChanged: () => {},
      fenced: () => {},
    });
    failCommits(database, ['commit fails', 'answer is lost']);
    await Promise.all(userIds.map((userId) => draw(campaign, userId, 'r', 3)));
    assert.ok(seen.length > 0);
    for (const [shown, stored] of seen) assert.ok(shown <= (await stored));
    await campaign.close();
  });

  it('shutdown in the middle of a batch answers what was queued and refuses the rest with MOVED', async () => {
    const { database, campaign } = await openScene(await open());
    const userIds = await createUsers(database, 50, RICH);
    const asked = Promise.all(userIds.map((userId) => draw(campaign, userId, 'r', 10)));
    const closed = campaign.close();
    await assert.rejects(draw(campaign, userIds[0]!, 'late'), refused('MOVED'));
    await closed;
    assert.deepEqual(drawNumbers(await asked), range(1, 500));
    await assertBooksBalance(database);
  });

  it('a request that its seed can no longer serve waits for the next commitment', async () => {
    const { database, campaign, campaignId } = await openScene(await open(), {
      campaign: { seed_rotation_draws: 25 },
    });
    const userIds = await createUsers(database, 10, RICH);
    await Promise.all(userIds.map((userId) => draw(campaign, userId, 'r', 10)));
    const rows = await database.read<{
      epoch: number;
      from_draw_no: number | string;
      to_draw_no: number | string | null;
    }>(
      'SELECT epoch, from_draw_no, to_draw_no FROM lottery_fairness_epochs WHERE campaign_id = ? ORDER BY epoch',
      [campaignId],
    );
    assert.deepEqual(
      rows.map((row) => [Number(row.from_draw_no), row.to_draw_no === null ? null : Number(row.to_draw_no)]),
      [
        [1, 30],
        [31, 60],
        [61, 90],
        [91, null],
      ],
    );
    await assertBooksBalance(database);
    await campaign.close();
  });

  it('DRAW-8 a points prize is credited by its own row in the draw’s transaction', async () => {
    const { database, campaign } = await openScene(await open(), {
      campaign: { guarantee_threshold: null },
      prizes: [
        { prize_type: 'points', prize_value: 30_00, win_probability: 100_000_000, total_quantity: null },
      ],
    });
    const userId = await createUser(database, { points: 100_00 });
    const reply = await draw(campaign, userId, 'r');
    assert.equal(reply.balance, 30);
    const rows = await database.reader.find(PointsTransaction, {
      where: { user_id: userId },
      order: { transaction_id: 'ASC' },
    });
    assert.deepEqual(
      rows.slice(1).map((row) => [row.transaction_type, row.amount, row.balance_after, row.related_id]),
      [
        ['lottery_draw', -100_00, 0, String(reply.draws[0]?.draw_id)],
        ['lottery_prize', 30_00, 30_00, String(reply.draws[0]?.draw_id)],
      ],
    );
    await campaign.close();
  });

  it('DB-6 the number of statements of a batch does not grow with the batch', async () => {
    const { database, campaign } = await openScene(await open());
    const userIds = await createUsers(database, 60, RICH);
    await draw(campaign, userIds[0]!, 'warm');
    const counted = countStatements(database);
    await draw(campaign, userIds[0]!, 'one', 10);
    const forOne = counted.take();
    await Promise.all(userIds.map((userId) => draw(campaign, userId, 'many', 10)));
    const forMany = counted.take();
    assert.ok(forOne > 0);
    // Left out where there is nothing to write: items; lots and earnings of points prizes; sums of a day or source that has ended.
    assert.ok(forMany <= forOne + 4, `${forOne} statements for one request, ${forMany} for sixty`);
    await campaign.close();
  });
});

onMariadb('a campaign whose connection is killed', (open) => {
  it('DRAW-6 draws go on after KILL of every connection, and nothing is lost or doubled', async () => {
    const { database, campaign } = await openScene(await open());
    const userIds = await createUsers(database, 100, RICH);
    const asked = userIds.map((userId) => draw(campaign, userId, 'r', 10));
    await killConnections(database);
    const results = await Promise.allSettled(asked);
    const replies: DrawReply[] = [];
    for (const [at, result] of results.entries()) {
      // BUSY means unknown: the same request id settles it.
      replies.push(
        result.status === 'fulfilled' ? result.value : await draw(campaign, userIds[at]!, 'r', 10),
      );
    }
    assert.deepEqual(drawNumbers(replies), range(1, 1000));
    assert.equal(await database.reader.count(LotteryDraw), 1000);
    await assertBooksBalance(database);
    await campaign.close();
  });
});

function drawNumbers(replies: readonly DrawReply[]): number[] {
  return replies.flatMap((reply) => reply.draws.map((one) => one.draw_no)).sort((a, b) => a - b);
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, at) => from + at);
}

async function killConnections(database: Database): Promise<void> {
  const rows = await database.read<{ id: number }>(
    'SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()',
  );
  for (const { id } of rows) await database.read(`KILL ${id}`);
}
