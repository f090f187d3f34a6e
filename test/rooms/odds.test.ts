import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import { UserPointsAccount } from '../../entities/points/UserPointsAccount.ts';
import { KaijiangClient } from '../../src/client/kaijiangClient.ts';
import { AppError } from '../../src/platform/errors.ts';
import type { Odds } from '../../src/lottery/messages.ts';
import { reportTo } from '../../src/lottery/ownerCalls.ts';
import { FORMER_VIEW, publicViewShape } from '../../src/lottery/publicView.ts';
import { TestClock } from '../support/clock.ts';
import { forEachDatabase } from '../support/databases.ts';
import { eventually, type Seat } from '../support/seat.ts';
import { openVenue, type Venue } from '../support/venue.ts';

const HOUR_MS = 3_600_000;

forEachDatabase('what a room shows of chances and of time', (_open, openUrl) => {
  const clock = new TestClock();
  let venue: Venue;
  /** Of the owner's room, and of an audience room. */
  let seats: Seat[];
  let campaignId: number;
  const endMs = clock.nowMs() + 2 * HOUR_MS;
  before(async () => {
    venue = await openVenue(await openUrl(), { clock, environment: { CAMPAIGN_CLIENT_LIMIT: '1' } });
    ({ campaignId } = await venue.addCampaign({
      campaign: {
        start_time: new Date(clock.nowMs() + 90_000),
        end_time: new Date(endMs),
        status: 'scheduled',
        free_draws_per_day: 2,
        guarantee_threshold: null,
        level_bonus_bp: { 2: 1000 },
        pity_steps: [{ after: 2, bonus_bp: 5000 }],
        bonus_periods: [
          {
            starts_at: new Date(clock.nowMs()).toISOString(),
            ends_at: new Date(clock.nowMs() + HOUR_MS).toISOString(),
            bonus_bp: 2500,
          },
        ],
      },
      prizes: [
        { prize_type: 'coupon', win_probability: 0, total_quantity: null },
        { prize_type: 'coupon', win_probability: 1_000_000, total_quantity: 0 },
      ],
    }));
    seats = [await venue.sit('13900000001', campaignId), await venue.sit('13900000002', campaignId)];
    await venue.context.database.transaction(({ manager }) =>
      manager.update(UserPointsAccount, { user_id: seats[1]!.userId }, { level: 2 }),
    );
  });
  after(() => venue?.close());

  const oddsOf = (seat: Seat) => seat.room.request<object, Odds>('odds', {});
  const detailOf = async ({ token }: Seat) =>
    (await venue.api<any>('GET', `/lottery/campaigns/${campaignId}`, { token })).data;
  const allShow = (phase: string, seconds: number) =>
    eventually(() =>
      seats.forEach((seat) => assert.deepEqual(seat.shown().countdown, { phase, seconds }, seat.room.roomId)),
    );

  it('RL-5 every room counts down by the server’s clock, and asks no more of those who are there', async () => {
    assert.deepEqual(
      seats.map(({ room }) => room.roomId),
      [`campaign-${campaignId}`, `audience-${campaignId}-1`],
    );
    await allShow('start', 90);
    clock.advance(9_000);
    await new Promise((resolve) => setTimeout(resolve, 600));
    await allShow('start', 90);
    clock.advance(1_000);
    await allShow('start', 80);
    clock.advance(30_500);
    await allShow('start', 50);
    clock.advance(1_000);
    await allShow('start', 49);
    clock.advance(60_000);
    await allShow('end', 7100);
    assert.deepEqual(
      seats.map((seat) => seat.state().free_draws),
      [2, 2],
    );
  });

  it('RL-13 base odds and one’s own are the engine’s, over the socket of any room and over REST', async () => {
    const [low, high] = [await oddsOf(seats[0]!), await oddsOf(seats[1]!)];
    assert.deepEqual(
      [low, high].map(({ level_bp, period_bp, pity_bp, streak }) => [level_bp, period_bp, pity_bp, streak]),
      [
        [0, 2500, 0, 0],
        [1000, 2500, 0, 0],
      ],
    );
    for (const seat of seats) {
      const { prizes, my_record: mine, ...campaign } = await detailOf(seat);
      const odds = await oddsOf(seat);
      assert.deepEqual(
        prizes.map((prize: any) => [prize.prize_id, prize.probability, prize.effective_probability]),
        odds.prizes.map((prize) => [prize.prize_id, prize.probability, prize.effective_probability]),
      );
      assert.deepEqual([mine.streak, campaign.free_draws_per_day], [0, 2]);
    }
    assert.equal(low.prizes[1]!.effective_probability, 0.0125);
    assert.equal(high.prizes[1]!.effective_probability, 0.0135);
  });

  it('RL-13 the intervals of the next draw are those that were told, with its streak and the period that holds', async () => {
    for (const seat of seats) {
      await seat.draw({ request_id: 'two', draw_count: 2 });
      clock.advance(HOUR_MS / 4);
      const odds = await oddsOf(seat);
      assert.deepEqual([odds.streak, odds.pity_bp, odds.period_bp], [2, 5000, 2500]);
      assert.deepEqual((await detailOf(seat)).my_record.streak, 2);
      const { draws, free_draws_left_today: free } = await seat.draw({ request_id: 'next' });
      assert.equal(free, 0);
      const [draw] = draws;
      const { to } = odds.prizes.at(-1)!.interval;
      const told =
        draw!.roll < to
          ? odds.prizes.find(({ interval }) => draw!.roll < interval.to)!.interval
          : { from: to, to: 1e12 };
      assert.deepEqual(draw!.interval, told);
    }
    clock.advance(HOUR_MS / 2);
    assert.equal((await oddsOf(seats[0]!)).period_bp, 0);
  });

  it('RL-13 the typed client asks for odds, and reads countdown and free draws', async () => {
    const client = new KaijiangClient({ url: venue.origin });
    await client.login('13900000003', '123456');
    const seat = await client.joinCampaign(campaignId);
    assert.equal((await seat.odds()).prizes.length, 2);
    assert.deepEqual([seat.freeDraws, seat.countdown.phase], [2, 'end']);
    assert.equal((await seat.me()).free_draws_left_today, 2);
    await seat.leave();
  });

  it('RL-5 it is over when the time has come', async () => {
    clock.set(endMs + 500);
    await allShow('over', 0);
  });

  it('ROOM-5 rooms of the build before are shown what they take, and ask for it in their own way', async () => {
    const { owners } = venue.context as unknown as { owners: Parameters<typeof reportTo>[0] };
    const report = { room_id: 'audience-of-before', clients: 0, joins: 0 };
    const former = await owners.watch(campaignId, report);
    assert.ok(!('countdown' in former.view) && !('free_draws' in former.view));
    assert.deepEqual((await owners.mirror(campaignId, report)).view, {
      ...former.view,
      ...{ countdown: { phase: 'over', seconds: 0 }, free_draws: 2 },
    });
    assert.deepEqual(FORMER_VIEW.view({ ...former.view, free_draws: 2 }), former.view);
    // An owner of the build before, and one of the next.
    const before = { ...owners, mirror: () => Promise.reject(new AppError('VALIDATION_FAILED')) };
    assert.deepEqual((await reportTo(before, campaignId, report)).view, former.view);
    assert.deepEqual(publicViewShape.parse({ ...former.view, weather: 'fine' }), former.view);
  });
});
