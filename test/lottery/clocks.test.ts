import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { LotteryUserCounter } from '../../entities/lottery/LotteryUserCounter.ts';
import { Mirrors } from '../../src/platform/actor/mirrors.ts';
import { Campaign } from '../../src/lottery/campaign.ts';
import { saveCounters } from '../../src/lottery/counters.ts';
import { TestClock } from '../support/clock.ts';
import { forEachDatabase } from '../support/databases.ts';
import { createUser } from '../support/factories.ts';
import { assertBooksBalance, draw, openScene, refused, RICH, settledCodes, sureWin } from './scene.ts';

const MIDNIGHT_MS = Date.parse('2026-03-02T16:00:00.000Z');
const DAY_MS = 86_400_000;
const TIMES = {
  start_time: new Date(MIDNIGHT_MS - 30 * DAY_MS),
  end_time: new Date(MIDNIGHT_MS + 30 * DAY_MS),
};

forEachDatabase('a campaign whose clocks differ and step', (open) => {
  it('TIME-1 a clock that steps back over midnight gives no day’s draws twice', async () => {
    const { database, campaign, clock } = await openScene(await open(), {
      ...sureWin(null),
      campaign: { ...TIMES, draws_per_user_per_day: 5 },
    });
    const userId = await createUser(database, RICH);
    const given: number[] = [];
    for (const [at, fromMs] of [-2000, 1000, -2000, 3000, -DAY_MS, 4000].entries()) {
      clock.step(MIDNIGHT_MS + fromMs - clock.nowMs());
      const asked = Array.from({ length: 8 }, (_, no) => draw(campaign, userId, `${at}-${no}`));
      given.push((await settledCodes(asked))['drawn'] ?? 0);
      assert.equal((await campaign.standingOf(userId)).draws_left_today, 0);
    }
    assert.deepEqual(given, [5, 5, 0, 0, 0, 0]);
    clock.step(DAY_MS);
    assert.equal((await campaign.standingOf(userId)).draws_left_today, 5);
    await assertBooksBalance(database);
    await campaign.close();
  });

  it('TIME-1 an owner whose clock is behind that of the one before counts on the same day', async () => {
    const { database, campaign, clock, services, campaignId } = await openScene(await open(), {
      ...sureWin(null),
      campaign: { ...TIMES, draws_per_user_per_day: 3 },
    });
    const userId = await createUser(database, RICH);
    clock.step(MIDNIGHT_MS + 500 - clock.nowMs());
    assert.equal((await draw(campaign, userId, 'a', 2)).draws_left_today, 1);
    const behind = new TestClock(MIDNIGHT_MS - 1500);
    const next = await Campaign.open({ ...services, clock: behind }, campaignId);
    assert.equal((await next.standingOf(userId)).draws_left_today, 1);
    assert.equal((await draw(next, userId, 'b')).draws_left_today, 0);
    await assert.rejects(draw(next, userId, 'c'), refused('DRAW_LIMIT_REACHED'));
    behind.advance(DAY_MS);
    await assert.rejects(draw(next, userId, 'c'), refused('DRAW_LIMIT_REACHED'));
    behind.advance(1500);
    assert.equal((await draw(next, userId, 'c')).draws_left_today, 2);
    await next.close();
    await campaign.close();
  });

  it('TIME-1 the statement itself leaves a counter on the later day', async () => {
    const { database, campaign, campaignId } = await openScene(await open());
    const userId = await createUser(database, RICH);
    const save = (businessDay: string, drawsToday: number) =>
      database.transaction((tx) => {
        const counter = { userId, streak: 1, draws: 9, wins: 0, prizeValue: 0, firstDrawNo: 1 };
        const today = { businessDay, drawsToday, freeToday: drawsToday - 1 };
        return saveCounters(tx, campaignId, [{ ...counter, ...today }], MIDNIGHT_MS);
      });
    const stored = async () => {
      const counter = await database.reader.findOneByOrFail(LotteryUserCounter, {
        campaign_id: campaignId,
        user_id: userId,
      });
      return [counter.business_day, counter.draws_today, counter.free_today];
    };
    await save('2026-03-03', 4);
    await save('2026-03-02', 1);
    assert.deepEqual(await stored(), ['2026-03-03', 4, 3]);
    await save('2026-03-03', 5);
    assert.deepEqual(await stored(), ['2026-03-03', 5, 4]);
    await save('2026-03-04', 1);
    assert.deepEqual(await stored(), ['2026-03-04', 1, 0]);
    await campaign.close();
  });

  it('TIME-1 a seed that is due by time is rotated by the time that passes, whatever the clock is set to', async () => {
    const { database, campaign, clock, services, campaignId } = await openScene(await open(), {
      campaign: { seed_rotation_seconds: 60 },
    });
    const userId = await createUser(database, RICH);
    await draw(campaign, userId, 'first');
    await campaign.followClock();
    clock.step(-DAY_MS);
    await campaign.followClock();
    assert.equal(campaign.pool.seed.epoch, 1);
    clock.advance(60_000);
    await campaign.followClock();
    assert.equal(campaign.pool.seed.epoch, 2);
    // The seed of an owner whose clock was ahead by a day.
    await draw(campaign, userId, 'second');
    const next = await Campaign.open({ ...services, clock }, campaignId);
    clock.step(-DAY_MS);
    await next.followClock();
    clock.advance(60_000);
    await next.followClock();
    assert.equal(next.pool.seed.epoch, 3);
    await next.close();
    await campaign.close();
  });

  it('L-5 a rotation that the clock asks for while a batch rotates is done once', async () => {
    const { database, campaign } = await openScene(await open(), { campaign: { seed_rotation_draws: 4 } });
    const userId = await createUser(database, RICH);
    await draw(campaign, userId, 'first', 4);
    const more = draw(campaign, userId, 'second');
    // The batch begins in the next turn, and rotates before it draws.
    await setImmediate();
    await Promise.all([more, campaign.followClock()]);
    assert.equal(campaign.pool.seed.epoch, 2);
    await campaign.close();
  });

  it('TIME-1 a campaign that has been drawn from has started also by a clock that is behind', async () => {
    const { database, campaign, clock } = await openScene(await open(), {
      campaign: { start_time: new Date(Date.now() - 1000) },
    });
    const userId = await createUser(database, RICH);
    await draw(campaign, userId, 'first');
    clock.step(-60_000);
    assert.equal((await draw(campaign, userId, 'second')).draws.length, 1);
    await campaign.close();
  });

  it('TIME-1 the draw rate counts the time that passes', async () => {
    const { database, services, campaignId, clock } = await openScene(await open(), sureWin(null));
    const userId = await createUser(database, RICH);
    const campaign = await Campaign.open({ ...services, drawRatePerSecond: 5 }, campaignId);
    const ask = (name: string) =>
      Array.from({ length: 12 }, (_, at) => draw(campaign, userId, `${name}${at}`));
    assert.deepEqual(await settledCodes(ask('a')), { drawn: 10, RATE_LIMITED: 2 });
    clock.step(DAY_MS);
    assert.deepEqual(await settledCodes(ask('b')), { RATE_LIMITED: 12 });
    clock.step(-2 * DAY_MS);
    clock.advance(1000);
    assert.deepEqual(await settledCodes(ask('c')), { drawn: 5, RATE_LIMITED: 7 });
    await campaign.close();
  });
});

describe('the audience rooms that an owner knows of', () => {
  it('TIME-1 are forgotten by the time that passes', () => {
    const clock = new TestClock();
    const audiences = new Mirrors(clock);
    audiences.hear({ room_id: 'audience-1-1', clients: 3, joins: 3 });
    clock.step(DAY_MS);
    assert.equal(audiences.clients, 3);
    clock.step(-2 * DAY_MS);
    clock.advance(4000);
    assert.ok(audiences.isEmpty);
  });
});
