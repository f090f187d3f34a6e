import assert from 'node:assert/strict';
import type { Conditions } from '../../entities/lottery/LotteryCampaign.ts';
import { BlacklistedDiner } from '../../entities/lottery/BlacklistedDiner.ts';
import { LotteryDraw } from '../../entities/lottery/LotteryDraw.ts';
import { User } from '../../entities/identity/User.ts';
import { UserPointsAccount } from '../../entities/points/UserPointsAccount.ts';
import { UserSegment } from '../../entities/lottery/UserSegment.ts';
import { PointsBill } from '../../entities/points/PointsBill.ts';
import type { DrawReply } from '../../src/lottery/messages.ts';
import type { AppError } from '../../src/platform/errors.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import { readAccount, readTransactions } from '../../src/points/account.ts';
import { forEachDatabase } from '../support/databases.ts';
import { createUser, createUsers } from '../support/factories.ts';
import { countStatements } from '../support/statements.ts';
import { assertBooksBalance, draw, openScene, refused, RICH, settledCodes, sureWin } from './scene.ts';

const DAY_MS = 86_400_000;

/** What a request is refused with. */
async function refusalOf(asked: Promise<DrawReply>): Promise<[string, unknown]> {
  const error = await asked.then(
    () => assert.fail('it was drawn'),
    (thrown: unknown) => thrown as AppError,
  );
  return [error.code, error.details];
}

forEachDatabase('who may draw', (open) => {
  const sceneWith = async (conditions: Conditions) =>
    openScene(await open(), { ...sureWin(null), campaign: { guarantee_threshold: null, conditions } });

  it('L-7 a level, points or a day of registration that are asked for are told, with one’s own', async () => {
    const registered = new Date('2026-01-31T08:00:00.000Z');
    const asked: [Conditions, object | undefined][] = [
      [{}, undefined],
      [{ min_level: 3, max_level: 3 }, undefined],
      [{ min_level: 4 }, { condition: 'min_level', required: 4, actual: 3 }],
      [{ max_level: 2 }, { condition: 'max_level', required: 2, actual: 3 }],
      [{ min_history_points: 10_000 }, undefined],
      [
        { min_history_points: 10_000.01 },
        { condition: 'min_history_points', required: 10_000.01, actual: 10_000 },
      ],
      [{ registered_after: registered.toISOString() }, undefined],
      [
        { registered_before: registered.toISOString() },
        {
          condition: 'registered_before',
          required: registered.toISOString(),
          actual: registered.toISOString(),
        },
      ],
      [
        { registered_after: '2026-01-31T08:00:00.001Z' },
        {
          condition: 'registered_after',
          required: '2026-01-31T08:00:00.001Z',
          actual: registered.toISOString(),
        },
      ],
      [{ registered_before: '2026-01-31T08:00:00.001Z' }, undefined],
    ];
    const database = await open();
    const userId = await createUser(database, RICH);
    await database.transaction(async ({ manager }) => {
      await manager.update(User, { user_id: userId }, { registration_date: registered });
      await manager.update(UserPointsAccount, { user_id: userId }, { level: 3 });
    });
    for (const [conditions, details] of asked) {
      const { campaign } = await openScene(database, { ...sureWin(null), campaign: { conditions } });
      const about = JSON.stringify(conditions);
      if (details === undefined) assert.equal((await draw(campaign, userId, 'r')).draws.length, 1, about);
      else assert.deepEqual(await refusalOf(draw(campaign, userId, 'r')), ['NOT_ELIGIBLE', details], about);
      await campaign.close();
    }
  });

  it('L-7 a segment and a visited restaurant are looked up once for a batch; segments are not named', async () => {
    const { database, campaign } = await sceneWith({
      segments: ['gold', 'vip'],
      visited_restaurant_ids: [7, 8],
    });
    const [both, stranger, member, guest] = await createUsers(database, 4, RICH);
    await join(database, 'vip', [both!, member!]);
    await join(database, 'silver', [stranger!]);
    await visit(database, both!, 8);
    await visit(database, guest!, 7);
    await visit(database, stranger!, 9);
    assert.ok((await draw(campaign, both!, 'r')).draws[0]!.is_winner);
    const toldSegments = { condition: 'segments' };
    const toldRestaurants = { condition: 'visited_restaurant_ids', required: [7, 8] };
    assert.deepEqual(await refusalOf(draw(campaign, stranger!, 'r')), ['NOT_ELIGIBLE', toldSegments]);
    assert.deepEqual(await refusalOf(draw(campaign, guest!, 'r')), ['NOT_ELIGIBLE', toldSegments]);
    assert.deepEqual(await refusalOf(draw(campaign, member!, 'r')), ['NOT_ELIGIBLE', toldRestaurants]);
    const counted = countStatements(database);
    await draw(campaign, both!, 'one');
    const forOne = counted.take();
    const many = await createUsers(database, 40, RICH);
    await join(database, 'gold', many);
    for (const userId of many) await visit(database, userId, 7);
    counted.take();
    await Promise.all(many.map((userId) => draw(campaign, userId, 'many')));
    assert.ok(counted.take() <= forOne + 2);
    await campaign.close();
  });

  it('L-7 whoever is put on the blacklist draws no more from the next batch on, and is answered what they have drawn', async () => {
    const { database, campaign } = await openScene(await open(), sureWin(null));
    const [userId, other] = await createUsers(database, 2, RICH);
    const first = await draw(campaign, userId!, 'before');
    const listed = { user_id: userId!, reason: 'a test', created_by: 1, created_at: new Date() };
    await database.transaction(({ manager }) => manager.insert(BlacklistedDiner, listed));
    assert.deepEqual(await refusalOf(draw(campaign, userId!, 'after')), [
      'NOT_ELIGIBLE',
      { condition: 'blacklist' },
    ]);
    assert.deepEqual(await draw(campaign, userId!, 'before'), { ...first, replayed: true });
    assert.equal((await draw(campaign, other!, 'other')).draws.length, 1);
    await database.transaction(({ manager }) => manager.delete(BlacklistedDiner, { user_id: userId! }));
    assert.equal((await draw(campaign, userId!, 'after')).draws.length, 1);
    await assertBooksBalance(database);
    await campaign.close();
  });

  it('L-7 DB-6 conditions on the diner’s own rows take no statement', async () => {
    const database = await open();
    const userId = await createUser(database, RICH);
    const counts: number[] = [];
    for (const conditions of [null, { min_level: 1, registered_after: '2020-01-01T00:00:00.000Z' }]) {
      const { campaign } = await openScene(database, {
        campaign: { guarantee_threshold: null, conditions },
        prizes: [{ prize_type: 'coupon', win_probability: 0 }],
      });
      await draw(campaign, userId, 'warm');
      const counted = countStatements(database);
      await draw(campaign, userId, 'counted');
      counts.push(counted.take());
      await campaign.close();
    }
    assert.equal(counts[0], counts[1]);
  });
});

forEachDatabase('limits of a diner', (open) => {
  it('L-7 nobody wins more than a campaign allows, whatever a request would win', async () => {
    const { database, campaign } = await openScene(await open(), {
      ...sureWin(null),
      campaign: { guarantee_threshold: null, wins_per_user: 5 },
    });
    const userId = await createUser(database, RICH);
    assert.deepEqual(await refusalOf(draw(campaign, userId, 'six', 6)), [
      'DRAW_LIMIT_REACHED',
      { wins_left: 5 },
    ]);
    await draw(campaign, userId, 'three', 3);
    assert.deepEqual(await refusalOf(draw(campaign, userId, 'again', 3)), [
      'DRAW_LIMIT_REACHED',
      { wins_left: 2 },
    ]);
    const asked = [1, 2, 3, 4].map((at) => draw(campaign, userId, `one-${at}`));
    assert.deepEqual(await settledCodes(asked), { drawn: 2, DRAW_LIMIT_REACHED: 2 });
    assert.equal(await database.reader.countBy(LotteryDraw, { user_id: userId, is_winner: true }), 5);
    await assertBooksBalance(database);
    await campaign.close();
  });

  it('L-7 draws a second of one diner are the campaign’s to say, and of nobody else', async () => {
    const { database, campaign, clock } = await openScene(await open(), {
      ...sureWin(null),
      campaign: { draws_per_second: 2 },
    });
    const [userId, other] = await createUsers(database, 2, RICH);
    await draw(campaign, userId!, 'four', 4);
    await assert.rejects(draw(campaign, userId!, 'five'), refused('RATE_LIMITED'));
    await draw(campaign, other!, 'ten', 10);
    clock.advance(1000);
    await draw(campaign, userId!, 'six', 2);
    await assert.rejects(draw(campaign, userId!, 'seven'), refused('RATE_LIMITED'));
    // Ten at once took six more than there were.
    await assert.rejects(draw(campaign, other!, 'eleven'), refused('RATE_LIMITED'));
    clock.advance(2500);
    await draw(campaign, other!, 'eleven');
    await campaign.close();
  });
});

forEachDatabase('free draws', (open) => {
  const NOON_MS = Date.parse('2026-03-02T04:00:00.000Z');
  const TIMES = { start_time: new Date(NOON_MS - 30 * DAY_MS), end_time: new Date(NOON_MS + 30 * DAY_MS) };
  const freeScene = async (free: number, points: number, overrides = {}) => {
    const scene = await openScene(await open(), {
      ...sureWin(null),
      campaign: { ...TIMES, guarantee_threshold: null, free_draws_per_day: free, ...overrides },
    });
    scene.clock.set(NOON_MS);
    return { ...scene, userId: await createUser(scene.database, { points }) };
  };
  const costs = ({ draws }: DrawReply) => draws.map(({ points_cost }) => points_cost);

  it('L-7 the first of a day are free, and what is paid is one entry', async () => {
    const { database, campaign, userId } = await freeScene(3, 1000_00);
    assert.equal((await campaign.standingOf(userId)).free_draws_left_today, 3);
    const reply = await draw(campaign, userId, 'mixed', 10);
    assert.deepEqual(costs(reply), [0, 0, 0, ...Array.from({ length: 7 }, () => 100)]);
    assert.deepEqual([reply.balance, reply.free_draws_left_today], [300, 0]);
    assert.equal((await campaign.standingOf(userId)).free_draws_left_today, 0);
    const { items } = await readTransactions(database, userId, { page: 1, limit: 10, type: 'lottery_draw' });
    assert.deepEqual(
      items.map(({ amountHundredths, relatedId }) => [amountHundredths, relatedId]),
      [[-700_00, String(reply.draws[0]!.draw_id)]],
    );
    assert.deepEqual(await draw(campaign, userId, 'mixed', 10), { ...reply, replayed: true });
    await assertBooksBalance(database);
    await campaign.close();
  });

  it('L-7 somebody without points draws what is free, and no more', async () => {
    const { database, campaign, userId } = await freeScene(3, 0);
    const reply = await draw(campaign, userId, 'two', 2);
    assert.deepEqual([costs(reply), reply.free_draws_left_today], [[0, 0], 1]);
    assert.deepEqual(await refusalOf(draw(campaign, userId, 'more', 3)), [
      'POINTS_INSUFFICIENT',
      { available: 0, required: 200 },
    ]);
    assert.deepEqual(costs(await draw(campaign, userId, 'last')), [0]);
    assert.equal((await readTransactions(database, userId, { page: 1, limit: 10 })).total, 0);
    // A later batch repeats what was told, also after the day has none left.
    assert.deepEqual(await draw(campaign, userId, 'two', 2), { ...reply, replayed: true });
    await assertBooksBalance(database);
    await campaign.close();
  });

  it('L-7 TIME-1 they come back with the next day, and not with a clock that steps back', async () => {
    const { campaign, clock, userId } = await freeScene(2, 1000_00);
    assert.deepEqual(costs(await draw(campaign, userId, 'a', 3)), [0, 0, 100]);
    clock.set(NOON_MS + DAY_MS);
    assert.deepEqual(costs(await draw(campaign, userId, 'b')), [0]);
    clock.set(NOON_MS);
    const back = await draw(campaign, userId, 'c', 2);
    assert.deepEqual([costs(back), back.free_draws_left_today], [[0, 100], 0]);
    clock.set(NOON_MS + DAY_MS);
    assert.deepEqual(costs(await draw(campaign, userId, 'd')), [100]);
    await campaign.close();
  });

  it('L-7 DRAW-5 requests of one batch share the day’s free draws, each diner their own', async () => {
    const { database, campaign, userId } = await freeScene(3, 300_00);
    const other = await createUser(database, {});
    const asked = [2, 2, 2].map((count, at) => draw(campaign, userId, `r-${at}`, count));
    const replies = await Promise.all([...asked, draw(campaign, other, 'o', 3)]);
    assert.deepEqual(replies.map(costs), [
      [0, 0],
      [0, 100],
      [100, 100],
      [0, 0, 0],
    ]);
    await assertBooksBalance(database);
    await campaign.close();
  });

  it('L-7 a free draw counts in the draws of the day, and is verified as any other', async () => {
    const { database, campaign, userId } = await freeScene(5, 1000_00, { draws_per_user_per_day: 3 });
    assert.deepEqual(await refusalOf(draw(campaign, userId, 'four', 4)), [
      'DRAW_LIMIT_REACHED',
      { draws_left_today: 3 },
    ]);
    const reply = await draw(campaign, userId, 'three', 3);
    assert.deepEqual([reply.draws_left_today, reply.free_draws_left_today, reply.balance], [0, 2, 1000]);
    assert.equal((await readAccount(database, userId)).availableHundredths, 1000_00);
    await campaign.close();
  });
});

async function join(database: Database, segment: string, userIds: readonly number[]): Promise<void> {
  await database.transaction(({ manager }) =>
    manager.insert(
      UserSegment,
      userIds.map((userId) => ({ segment, user_id: userId })),
    ),
  );
}

async function visit(database: Database, userId: number, restaurantId: number): Promise<void> {
  const amounts = { bill_amount: 1_00, refunded_amount: 0, points: 0, reversed_points: 0, balance_after: 0 };
  await database.transaction(({ manager }) =>
    manager.insert(PointsBill, {
      ...amounts,
      bill_no: `bill-${userId}`,
      user_id: userId,
      restaurant_id: restaurantId,
      status: 'completed',
      reasons: [],
      transaction_id: null,
      activates_at: null,
      business_day: '2026-03-02',
      created_at: new Date(),
      created_by: 1,
    }),
  );
}
