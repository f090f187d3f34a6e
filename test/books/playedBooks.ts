import { PointsRule } from '../../entities/points/PointsRule.ts';
import { systemClock, type Clock } from '../../src/platform/clock.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import { Campaign } from '../../src/lottery/campaign.ts';
import { uploadCoupons } from '../../src/lottery/coupons/uploadCoupons.ts';
import { Calendar } from '../../src/lottery/statistics/calendar.ts';
import { CountedDraws } from '../../src/lottery/statistics/countedDraws.ts';
import { foldBatch } from '../../src/lottery/statistics/fold.ts';
import { Visitors } from '../../src/lottery/statistics/visitors.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { rememberImported } from '../../src/identity/imports/importedMembers.ts';
import { payBill } from '../../src/points/bills/bills.ts';
import { refundBill } from '../../src/points/bills/refund.ts';
import { checkIn } from '../../src/points/checkIn/checkIn.ts';
import { importBalances } from '../../src/points/importBalances.ts';
import { consumeFrozen, freeze } from '../../src/points/holds.ts';
import { postOne } from '../../src/points/ledger.ts';
import { levelsOf } from '../../src/points/levels.ts';
import { reverse } from '../../src/points/reversal.ts';
import type { Definition } from '../../src/points/rules/definition.ts';
import { seedRules } from '../../src/points/rules/ruleBook.ts';
import { claimTask } from '../../src/points/tasks/tasks.ts';
import { approve } from '../../src/points/transfers/review.ts';
import { transfer } from '../../src/points/transfers/transfer.ts';
import { logSearch } from '../support/logs.ts';
import { playChats } from './playedChats.ts';
import { playImages } from './playedImages.ts';
import { playClaims } from './playedClaims.ts';
import { playConfiguration } from './playedConfiguration.ts';
import { playItems } from './playedItems.ts';
import { playMerges } from './playedMerges.ts';
import { playProducts } from './playedProducts.ts';
import { playBehaviors } from './playedBehaviors.ts';
import { playReports } from './playedReports.ts';
import { playTrades } from './playedTrades.ts';
import { createCampaign, createUser } from '../support/factories.ts';

export const SEED_KEY = Buffer.alloc(32, 7);

export function openCampaign(
  database: Database,
  campaignId: number,
  clock: Clock = systemClock,
): Promise<Campaign> {
  return Campaign.open(
    {
      database,
      clock,
      logger: createLogger('debug', logSearch.destination),
      seedKey: SEED_KEY,
      businessTimezone: 'Asia/Shanghai',
      drawRatePerSecond: 100_000,
    },
    campaignId,
  );
}

/**
 * A database after real draws of two campaigns: points and items won, losses, guarantees, a rotated seed, stock added, and the
 * second campaign bounded. Returns the ids of the campaigns.
 */
export async function playBooks(database: Database): Promise<number[]> {
  const userIds: number[] = [];
  for (let user = 0; user < 4; user++) userIds.push(await createUser(database, { points: 1_000_000_00 }));
  const half = { total_quantity: 100, win_probability: 10_000_000 };
  const prizes = [
    { ...half, prize_name: 'Coupon', prize_type: 'coupon' as const },
    {
      ...half,
      prize_name: 'Points',
      prize_type: 'points' as const,
      prize_value: 50_00,
      win_probability: 20_000_000,
    },
    { ...half, prize_name: 'Item', prize_type: 'virtual' as const, total_quantity: null },
  ];
  const rotating = { guarantee_threshold: 4, seed_rotation_draws: 60 };
  const coupons = { ...prizes[0]!, code_source: 'pool' as const };
  const first = await createCampaign(database, { campaign: rotating, prizes: [coupons, ...prizes.slice(1)] });
  const second = await createCampaign(database, {
    campaign: { total_draws: 500, remaining_draws: 500, claim_days: 0, return_unclaimed: true },
    prizes,
  });
  for (const { campaignId, prizeIds } of [first, second]) {
    const campaign = await openCampaign(database, campaignId);
    if (campaignId === first.campaignId) await addCodes(database, campaign, prizeIds[0]!);
    const draws = userIds.flatMap((userId) =>
      [1, 2, 10, 3, 10].map((draw_count, at) =>
        campaign.draw({ userId }, { request_id: `r-${at}`, draw_count, client_seed: `s${userId}` }),
      ),
    );
    await campaign.adjustStock({
      prizeId: prizeIds[0]!,
      delta: 5,
      actor: { userId: userIds[0]!, ip: '127.0.0.1', requestId: 'r' },
      key: `stock-${campaignId}`,
    });
    await Promise.all(draws);
    await campaign.close();
  }
  await playStatistics(database, first.campaignId, second.campaignId);
  const late = { ...systemClock, nowMs: () => Date.now() + 2 * 86_400_000 };
  await playItems({ database, seedKey: SEED_KEY }, second.campaignId, () =>
    openCampaign(database, second.campaignId, late),
  );
  await playChats({ database, logger: createLogger('debug', logSearch.destination) }, [
    userIds[0]!,
    userIds[1]!,
  ]);
  const image = await playImages(database, { userId: userIds[0]!, campaignId: first.campaignId });
  await playConfiguration(database, userIds[0]!);
  await playPoints(database, userIds[0]!);
  await playTransfers(database, userIds);
  await playEarnings(database, userIds[2]!);
  await playProducts(database, { seedKey: SEED_KEY, from: userIds[0]!, to: userIds[3]!, image });
  await playTrades(database, { seller: userIds[1]!, buyer: userIds[3]! });
  await playImport(database, userIds[3]!);
  await playMerges(database);
  await playClaims(database, { dinerId: userIds[3]!, deciderId: userIds[0]! });
  await playReports(database);
  await playBehaviors(database, userIds.slice(0, 2));
  return [first.campaignId, second.campaignId];
}

/** More codes than there are pieces. */
async function addCodes(database: Database, campaign: Campaign, prizeId: number): Promise<void> {
  const owners = {
    addCoupons: (_key: unknown, coupons: Parameters<Campaign['addCoupons']>[0]) =>
      campaign.addCoupons(coupons),
  };
  const codes = Array.from({ length: 200 }, (_, at) => `COUPON-${at}`);
  const actor = { userId: 99, ip: '127.0.0.1', requestId: 'r' };
  await uploadCoupons({ database, clock: systemClock, seedKey: SEED_KEY, owners }, { prizeId, codes, actor });
}

/** Of one campaign all draws are counted, of the other one half of them; somebody has looked at it who does not draw. */
async function playStatistics(database: Database, whole: number, half: number): Promise<void> {
  const calendar = new Calendar('Asia/Shanghai');
  const services = { database, clock: systemClock, calendar, counted: new CountedDraws(database) };
  await foldBatch(services, { campaignId: whole, after: 0, to: 104 });
  await foldBatch(services, { campaignId: half, after: 0, to: 52 });
  const visitors = new Visitors(database, systemClock);
  visitors.note(whole, 77);
  await visitors.save();
}

/** Points that are held, in part consumed, and taken back; so a line of spending that is settled in part. */
async function playPoints(database: Database, userId: number): Promise<void> {
  const nowMs = Date.now();
  const freezing = { userId, amountHundredths: 100_00, reason: 'a table', expiresAtMs: null };
  const { transactionId } = await database.transaction((tx) =>
    postOne(
      tx,
      { userId, type: 'consume', amountHundredths: -50_00, source: 'test', reason: 'tea', relatedId: null },
      nowMs,
    ),
  );
  await database.transaction((tx) => freeze(tx, freezing, nowMs));
  await database.transaction((tx) => consumeFrozen(tx, { ...freezing, amountHundredths: 30_00 }, nowMs));
  const reversing = {
    transactionId,
    amountHundredths: 20_00,
    reason: 'cold',
    type: 'rollback',
    source: 'test',
  } as const;
  await database.transaction((tx) =>
    reverse(tx, reversing, { levels: levelsOf([0], '0'), allowsDebt: true, graceEndMs: undefined }, nowMs),
  );
}

/** Somebody who is a member of another system, where they have points. */
async function playImport(database: Database, userId: number): Promise<void> {
  const nowMs = Date.now();
  await database.transaction(async (tx) => {
    await rememberImported(tx, [{ externalId: 'M-1', userId, points: 12_34 }], 1, nowMs);
    const balance = { userId, amountHundredths: 12_34, relatedId: '1', expiresAtMs: null };
    await importBalances(tx, [balance], nowMs);
  });
}

/** One that was given at once and taken back in part, one that was approved, and one that waits for a review. */
async function playTransfers(database: Database, [fromUserId, toUserId]: number[]): Promise<void> {
  const nowMs = Date.now();
  const policy = { perDayHundredths: 1_000_00, reviewHundredths: 100_00 };
  const give = (amountHundredths: number) =>
    database.transaction((tx) =>
      transfer(
        tx,
        { fromUserId: fromUserId!, toUserId: toUserId!, amountHundredths, message: null },
        policy,
        nowMs,
      ),
    );
  const { transactionId } = await give(40_00);
  const reversing = {
    transactionId,
    amountHundredths: 15_00,
    reason: 'too much',
    type: 'rollback',
    source: 'test',
  } as const;
  await database.transaction((tx) =>
    reverse(tx, reversing, { levels: levelsOf([0], '0'), allowsDebt: true, graceEndMs: undefined }, nowMs),
  );
  await give(100_00);
  const actor = { userId: 99, ip: '127.0.0.1', requestId: 'r' };
  await database.transaction((tx) => approve(tx, { actor, transferId: 2 }, nowMs));
  await give(150_00);
}

/** Bills, one of them returned in part and one that is pending, two check-ins in a row, a task, and the level that all of it leads to. */
async function playEarnings(database: Database, userId: number): Promise<void> {
  const nowMs = Date.now() - 86_400_000;
  const levels = levelsOf([0, 100, 1000], 'amount / 100');
  const grants = { levels, endMs: () => null };
  await database.transaction((tx) => seedRules(tx, true, nowMs));
  const pay = (billNo: string, days: number | null) =>
    database.transaction((tx) =>
      payBill(
        tx,
        { payeeId: 99, restaurantId: null, userId, billNo, billAmount: 12_345_67 },
        { ...grants, activationMs: (timeMs) => (days === null ? null : timeMs + days * 86_400_000) },
        nowMs,
      ),
    );
  await pay('B1', null);
  await pay('B2', 30);
  const refunding = { payeeId: 99, restaurantId: null, billNo: 'B1', amount: 1_234_56 };
  const policy = { levels, allowsDebt: true, graceEndMs: undefined };
  await database.transaction((tx) => refundBill(tx, refunding, policy, nowMs));
  const logger = createLogger('debug', logSearch.destination);
  for (const at of [nowMs, nowMs + 86_400_000])
    await database.transaction((tx) => checkIn(tx, userId, { ...grants, cap: 7, logger }, at));
  const tasks = await database.currentReader.findBy(PointsRule, { type: 'task' });
  const draws = tasks.find(({ definition }) => (definition as Definition).task?.metric === 'draws');
  await database.transaction((tx) =>
    claimTask(tx, { userId, taskId: draws!.rule_id }, { ...grants, startMsOf: Date.parse }, nowMs),
  );
}
