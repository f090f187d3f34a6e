/**
 * RO-9 Whatever comes at its time comes once, also where the clock is set an hour ahead before it, back again, and so on, while
 * several nodes look. What a clock that is ahead does too early is not undone; it is not done again either.
 */
import assert from 'node:assert/strict';
import { after, afterEach, before, it } from 'mocha';
import { LotteryCampaignVisitor } from '../../entities/lottery/LotteryCampaignVisitor.ts';
import { UserInventory } from '../../entities/inventory/UserInventory.ts';
import { User } from '../../entities/identity/User.ts';
import { Notification } from '../../entities/notifications/Notification.ts';
import { NotificationBroadcast } from '../../entities/notifications/NotificationBroadcast.ts';
import { BusinessEvent } from '../../entities/platform/BusinessEvent.ts';
import { PointsCheckIn } from '../../entities/points/PointsCheckIn.ts';
import { Review } from '../../entities/reviews/Review.ts';
import { PointsTransaction } from '../../entities/points/PointsTransaction.ts';
import { expireDueItems } from '../../src/inventory/expiry.ts';
import type { Campaign } from '../../src/lottery/campaign.ts';
import { createBroadcast } from '../../src/notifications/broadcasts/broadcasts.ts';
import { stepBroadcast } from '../../src/notifications/broadcasts/steps.ts';
import { remindAll as remindPeople } from '../../src/notifications/reminders/remind.ts';
import { insertOne } from '../../src/platform/database/bulk.ts';
import { activateDue } from '../../src/points/bills/activation.ts';
import { checkIn } from '../../src/points/checkIn/checkIn.ts';
import { expireAll } from '../../src/points/expiry.ts';
import { giveForBirthdays } from '../../src/points/gifts.ts';
import { freeze } from '../../src/points/holds.ts';
import { postOne } from '../../src/points/ledger.ts';
import { remindAll as remindOfPoints } from '../../src/points/reminders.ts';
import { seedRules } from '../../src/points/rules/ruleBook.ts';
import { checkInPolicyOf } from '../../src/points/settings.ts';
import { createRestaurant } from '../../src/restaurants/restaurants.ts';
import { escalateDue } from '../../src/reviews/overdue.ts';
import { claimSpend } from '../../src/reviews/claims/claims.ts';
import { expireTrades } from '../../src/trades/endTrade.ts';
import { dataOf } from '../identity/serveRoutes.ts';
import { openWinning, type Winning } from '../inventory/won.ts';
import { assertBooksBalance, draw, openScene, RICH, sureWin } from '../lottery/scene.ts';
import { logger, POINTS_CONFIG, servePoints } from '../points/servedPoints.ts';
import { STAFF } from '../points/till.ts';
import type { TestClock } from '../support/clock.ts';
import { usualConfiguration } from '../support/configuration.ts';
import { forEachDatabase } from '../support/databases.ts';
import { createCampaign, createUser } from '../support/factories.ts';

const HOUR_MS = 3_600_000;
const HALF_MS = HOUR_MS / 2;
const DAY_MS = 24 * HOUR_MS;
/** From when it is due: half an hour before, and then the clock is set. */
const SET_TO = [HALF_MS, -HALF_MS, HALF_MS, -HALF_MS];
/** And at last it is right, and goes on. */
const PASSES = [-1, 0, HALF_MS, 3 * HALF_MS];

/** Something that comes at its time. */
interface Scheduled {
  clock: TestClock;
  dueMs: number;
  /** What a node does again and again. */
  look(): Promise<unknown>;
  /** How often it has come. */
  count(): Promise<number>;
}

/** By a clock that is set to and fro, several nodes look at once. */
async function assertOnce({ clock, dueMs, look, count }: Scheduled): Promise<void> {
  const looks = () => Promise.all([look(), look(), look()]);
  clock.set(dueMs - HALF_MS);
  await looks();
  assert.equal(await count(), 0, 'too early');
  for (const toMs of SET_TO) {
    clock.step(dueMs + toMs - clock.nowMs());
    await looks();
    assert.equal(await count(), 1, `set to ${toMs}`);
  }
  for (const toMs of PASSES) {
    clock.set(dueMs + toMs);
    await looks();
    assert.equal(await count(), 1, `at ${toMs}`);
  }
}

forEachDatabase('clocks that are set', (open) => {
  const settings = { pointsReturnDays: 7 };
  const served = servePoints(open, 1_000_000_000, settings);
  const { clock } = served;
  const config = { ...POINTS_CONFIG, ...settings };
  const campaigns: Campaign[] = [];
  before(() => served.database.transaction((tx) => seedRules(tx, true, clock.nowMs())));
  afterEach(async () => {
    for (const campaign of campaigns.splice(0)) await campaign.close();
    await assertBooksBalance(served.database);
  });

  const services = () => ({ database: served.database, clock, config, logger });
  const events = (event_type: string, of: object = {}) =>
    served.database.currentReader.countBy(BusinessEvent, { event_type, ...of });
  const rowsOf = (userId: number, transaction_type: string) =>
    served.database.currentReader.countBy(PointsTransaction, { user_id: userId, transaction_type });
  const earn = (userId: number, expiresAtMs: number | null) => {
    const earned = { type: 'earn', source: 'test', reason: 'r', relatedId: null };
    return served.database.transaction((tx) =>
      postOne(tx, { ...earned, userId, amountHundredths: 100_00, expiresAtMs }, clock.nowMs()),
    );
  };
  const sceneOf = async (campaign: object) => {
    const shape = sureWin(null);
    const scene = await openScene(served.database, {
      ...shape,
      campaign: { ...shape.campaign, ...campaign },
    });
    campaigns.push(scene.campaign);
    return scene;
  };
  /** A prize that somebody has won, and may claim for three days. */
  const won = async () => {
    const scene = await sceneOf({ cost_per_draw: 100, claim_days: 3 });
    const userId = await createUser(served.database, RICH);
    await draw(scene.campaign, userId, 'won');
    const mine = { campaign_id: scene.campaignId, user_id: userId };
    const [item] = await served.database.currentReader.findBy(UserInventory, mine);
    return { ...scene, userId, item: item!, endMs: item!.expires_at!.getTime() };
  };
  const statusCame = (campaignId: number, status: string) => async () => {
    const all = await served.database.currentReader.findBy(BusinessEvent, {
      event_type: 'lottery:campaign_status',
    });
    const told = all.map(({ event_data: text }) => JSON.parse(text) as Record<string, unknown>);
    return told.filter((data) => data['campaign_id'] === campaignId && data['status'] === status).length;
  };

  const SCHEDULED: Record<string, () => Promise<Scheduled>> = {
    'points that end': async () => {
      const userId = await createUser(served.database);
      const dueMs = clock.nowMs() + 3 * DAY_MS;
      await earn(userId, dueMs);
      return { clock, dueMs, look: () => expireAll(services()), count: () => rowsOf(userId, 'expire') };
    },
    'who is told that points end': async () => {
      const userId = await createUser(served.database);
      const endMs = clock.nowMs() + 10 * DAY_MS;
      await earn(userId, endMs);
      const of = { user_id: userId };
      return {
        ...{ clock, dueMs: endMs - 7 * DAY_MS },
        look: () => remindOfPoints(services()),
        count: () => events('points:expiring', of),
      };
    },
    'frozen points that are released': async () => {
      const userId = await createUser(served.database);
      await earn(userId, null);
      const dueMs = clock.nowMs() + 2 * DAY_MS;
      const frozen = { userId, amountHundredths: 5_00, reason: 'r', expiresAtMs: dueMs };
      await served.database.transaction((tx) => freeze(tx, frozen, clock.nowMs()));
      return { clock, dueMs, look: () => expireAll(services()), count: () => rowsOf(userId, 'unfreeze') };
    },
    'points of a bill that come': async () => {
      const userId = await createUser(served.database);
      const body = { user_id: userId, bill_no: `J-${userId}`, bill_amount: 1000 };
      const token = served.tokenOf(STAFF, 'staff');
      const paid = dataOf(await served.call('POST', '/points/pay', { token, body, key: body.bill_no }));
      const dueMs = Date.parse(String(paid.activates_at));
      return {
        ...{ clock, dueMs },
        look: () => activateDue(services()),
        count: async () => served.database.currentReader.countBy(PointsTransaction, { user_id: userId }),
      };
    },
    'what is given for a birthday': async () => {
      const userId = await createUser(served.database);
      // The day after tomorrow, in Shanghai.
      const dueMs = Math.ceil((clock.nowMs() + 8 * HOUR_MS) / DAY_MS + 1) * DAY_MS - 8 * HOUR_MS;
      const day = new Date(dueMs + 8 * HOUR_MS).toISOString().slice(0, 10);
      const birthday = { birthday: `1990${day.slice(4)}`, birthday_month_day: day.slice(5) };
      await served.database.transaction((tx) => tx.manager.update(User, { user_id: userId }, birthday));
      return {
        ...{ clock, dueMs },
        look: () => giveForBirthdays(services()),
        count: () => rowsOf(userId, 'birthday'),
      };
    },
    'a campaign that begins': async () => {
      const dueMs = Date.now() + 2 * DAY_MS;
      const times = { start_time: new Date(dueMs), end_time: new Date(dueMs + 9 * DAY_MS) };
      const scene = await sceneOf({ ...times, status: 'scheduled' });
      const look = () => scene.campaign.followClock();
      return { clock: scene.clock, dueMs, look, count: statusCame(scene.campaignId, 'active') };
    },
    'a campaign that ends': async () => {
      const dueMs = Date.now() + 2 * DAY_MS;
      const scene = await sceneOf({ end_time: new Date(dueMs) });
      const look = () => scene.campaign.followClock();
      return { clock: scene.clock, dueMs, look, count: statusCame(scene.campaignId, 'ended') };
    },
    'who is told that a campaign ends': async () => {
      const endMs = clock.nowMs() + 3 * DAY_MS;
      const times = { start_time: new Date(clock.nowMs() - 9 * DAY_MS), end_time: new Date(endMs) };
      const { campaignId } = await createCampaign(served.database, { campaign: times });
      const seen = { first_seen_at: new Date(clock.nowMs()), first_day: null, has_won: false };
      const user_id = await createUser(served.database);
      await served.database.transaction((tx) =>
        insertOne(tx, LotteryCampaignVisitor, { campaign_id: campaignId, user_id, ...seen }),
      );
      return {
        ...{ clock, dueMs: endMs - DAY_MS },
        look: () => remindPeople(services()),
        count: async () => {
          const told = await served.database.currentReader.findBy(NotificationBroadcast, {
            type: 'campaign_ending',
          });
          return told.filter(({ data }) => data['campaign_id'] === campaignId).length;
        },
      };
    },
    'who is told that a prize is to be claimed': async () => {
      const { clock: its, endMs, userId } = await won();
      const of = { user_id: userId };
      return {
        ...{ clock: its, dueMs: endMs - DAY_MS },
        look: () => remindPeople({ database: served.database, clock: its }),
        count: () => events('lottery:claim_ending', of),
      };
    },
    'a prize that nobody has claimed': async () => {
      const { clock: its, endMs, campaign, userId } = await won();
      const owners = {
        expirePrizes: (_key: unknown, { itemIds }: { itemIds: number[] }) => campaign.expirePrizes(itemIds),
      };
      const of = { user_id: userId };
      return {
        ...{ clock: its, dueMs: endMs },
        look: () => expireDueItems({ database: served.database, clock: its, logger, owners }),
        count: () => events('lottery:prize_expired', of),
      };
    },
    'a review that nobody has decided': async () => {
      const userId = await createUser(served.database);
      const limits = { pointsTransfersPerDay: 100, pointsTransferReview: 50 };
      const configuration = usualConfiguration({ database: served.database, logger }, limits);
      const { hours } = configuration.now().service;
      const { businessTimezone } = config;
      const policy = { hours: { hours, businessTimezone }, limitMinutes: 120 };
      const daily = [{ days: [1, 2, 3, 4, 5, 6, 7], from: '10:00', to: '18:00' }];
      const place = {
        name: `R ${userId}`,
        address: 'x',
        phone: '',
        timezone: businessTimezone,
        hours: daily,
      };
      const { restaurant_id: restaurantId } = await served.database.transaction((tx) =>
        createRestaurant(tx, { actor: undefined, body: place }, clock.nowMs()),
      );
      const bill = { userId, restaurantId, billNo: `R-${userId}`, amount: 10_00 };
      const asked = { ...bill, paidAtMs: clock.nowMs(), imageId: null };
      const { reviewId } = await served.database.transaction((tx) =>
        claimSpend(tx, asked, policy, clock.nowMs()),
      );
      const before = await events('review:overdue');
      const review = await served.database.currentReader.findOneByOrFail(Review, { review_id: reviewId });
      const dueMs = review.due_at.getTime();
      return {
        ...{ clock, dueMs },
        look: () => escalateDue({ ...services(), configuration }),
        count: async () => (await events('review:overdue')) - before,
      };
    },
  };

  for (const [what, schedule] of Object.entries(SCHEDULED))
    it(`RO-9 ${what}: once`, async () => assertOnce(await schedule()));

  it('RO-9 checking in: once a day, whichever side of midnight the clock is set to', async () => {
    const userId = await createUser(served.database);
    const midnightMs = Math.ceil((clock.nowMs() + 8 * HOUR_MS) / DAY_MS + 1) * DAY_MS - 8 * HOUR_MS;
    const policy = checkInPolicyOf({ config, logger });
    const outcomes: string[] = [];
    for (const toMs of [-HALF_MS, ...SET_TO, ...PASSES]) {
      clock.step(midnightMs + toMs - clock.nowMs());
      const asked = () =>
        served.database.retryingTransaction((tx) => checkIn(tx, userId, policy, clock.nowMs()));
      for (const outcome of await Promise.allSettled([asked(), asked()]))
        outcomes.push(outcome.status === 'fulfilled' ? outcome.value.day : 'refused');
    }
    const days = outcomes.filter((outcome) => outcome !== 'refused');
    assert.equal(new Set(days).size, 2);
    assert.equal(days.length, 2, outcomes.join());
    assert.equal(await served.database.currentReader.countBy(PointsCheckIn, { user_id: userId }), 2);
    assert.equal(await rowsOf(userId, 'check_in'), 2);
  });

  it('RO-9 a planned broadcast: to everybody once', async () => {
    const userId = await createUser(served.database);
    const sendAtMs = clock.nowMs() + 2 * DAY_MS;
    const text = { 'zh-CN': '今晚', en: 'Tonight' };
    const planned = {
      ...{ type: 'announcement' as const, audience: { user_ids: [userId] }, title: text, body: text },
      ...{ data: {}, sendAtMs },
    };
    const broadcastId = await served.database.transaction((tx) =>
      createBroadcast(tx, { ...planned, actor: { userId, ip: '127.0.0.1', requestId: 'r' } }, clock.nowMs()),
    );
    const step = (nodeId: string) =>
      served.database.retryingTransaction((tx) =>
        stepBroadcast(tx, { broadcastId, nodeId, leaseMs: 1000, recipients: 100 }, clock.nowMs()),
      );
    const look = async () => {
      for (let steps = 0; steps < 6; steps++) await Promise.all([step('a'), step('b')]);
    };
    const told = () => served.database.currentReader.countBy(Notification, { user_id: userId });
    clock.set(sendAtMs - HALF_MS);
    await look();
    assert.equal(await told(), 0);
    for (const toMs of [...SET_TO, ...PASSES]) {
      clock.step(sendAtMs + toMs - clock.nowMs());
      await look();
      assert.equal(await told(), 1, `set to ${toMs}`);
    }
  });
});

forEachDatabase('clocks that are set while a server runs', (_open, openUrl) => {
  let here: Winning;
  before(async () => {
    here = await openWinning(await openUrl(), { TRADE_OPEN_DAYS: '2' });
  });
  after(() => here?.venue.close());

  it('RO-9 an offer that nobody takes: over once, and its item given back', async () => {
    const { call, staff, admin, diner, clock } = here;
    const { database } = here.venue.context;
    const keyed = (key: string) => ({ headers: { 'Idempotency-Key': key } });
    const earned = { user_id: diner.userId, amount: 100, reason: 'r', source: 'test' };
    await call('POST', '/points/earn', earned, staff, keyed('earned'));
    const product = { name: '礼品卡', price: 10, stock: 5 };
    const { product_id } = (await call('POST', '/admin/products', product, admin)).data;
    const terms = { quantity: 1, expected_price: 10, version: 1 };
    const exchanged = await call(
      'POST',
      `/products/${product_id}/exchange`,
      terms,
      diner,
      keyed('exchanged'),
    );
    const offer = { item_id: exchanged.data.item_ids[0], price: 20 };
    const { trade_id, expires_at } = (await call('POST', '/trades', offer, diner, keyed('offered'))).data;
    const fail = (_tradeId: number, error: unknown) => assert.fail(String(error));
    const told = async () => {
      const all = await database.currentReader.findBy(BusinessEvent, { event_type: 'trade:expired' });
      return all.filter(({ event_data: text }) => JSON.parse(text).trade_id === trade_id).length;
    };
    await assertOnce({
      ...{ clock, dueMs: Date.parse(expires_at) },
      look: () => expireTrades({ database, nowMs: clock.nowMs() }, fail),
      count: told,
    });
  });
});
