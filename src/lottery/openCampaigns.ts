/** Campaigns that can be drawn in now, of everybody and of one diner: for whoever recommends them. */
import { In, LessThanOrEqual, MoreThan, type EntityManager } from 'typeorm';
import { LotteryCampaign } from '../../entities/lottery/LotteryCampaign.ts';
import { LotteryUserCounter } from '../../entities/lottery/LotteryUserCounter.ts';
import { businessDayOf } from '../platform/clock.ts';
import type { Database } from '../platform/database/transaction.ts';
import { readAccount } from '../points/account.ts';
import { findAudience } from './audience.ts';
import { exclusionOf } from './conditions.ts';
import { findDiners } from './counters.ts';
import { findEarlier } from './earlierAccounts.ts';
import { findPrizesOf } from './prizeRows.ts';

export interface OpenCampaign {
  campaignId: number;
  name: string;
  /** 1/100 points. */
  cost: number;
  /** Of the best prize, 1/100 points. */
  value: number;
  freeDrawsPerDay: number;
  restaurantIds: readonly number[];
  prizeNames: readonly string[];
  imageUrl: string | null;
  startsAtMs: number;
  endsAtMs: number;
}

/** Newest first. */
export async function findOpenCampaigns(
  manager: EntityManager,
  nowMs: number,
  most: number,
): Promise<OpenCampaign[]> {
  const campaigns = await manager.find(LotteryCampaign, {
    where: runningAt(nowMs),
    order: { start_time: 'DESC', campaign_id: 'DESC' },
    take: most,
  });
  const open = campaigns.filter(hasDrawsLeft);
  const prizes =
    open.length === 0
      ? []
      : await findPrizesOf(
          manager,
          open.map(({ campaign_id: id }) => id),
        );
  const byCampaign = Map.groupBy(prizes, ({ campaign_id: id }) => id);
  return open.map((campaign) => {
    const own = byCampaign.get(campaign.campaign_id) ?? [];
    return {
      campaignId: campaign.campaign_id,
      name: campaign.campaign_name,
      cost: campaign.cost_per_draw,
      value: own.reduce((highest, { prize_value: value }) => Math.max(highest, value), 0),
      freeDrawsPerDay: campaign.free_draws_per_day,
      restaurantIds: campaign.restaurant_ids ?? [],
      prizeNames: own.map(({ prize_name: name }) => name),
      imageUrl: own.find(({ prize_image_url: url }) => url !== null)?.prize_image_url ?? null,
      startsAtMs: campaign.start_time.getTime(),
      endsAtMs: campaign.end_time.getTime(),
    };
  });
}

export interface Drawing {
  userId: number;
  campaignIds: readonly number[];
  timezone: string;
}

/** Those of the campaigns in which somebody may draw now, points aside: by conditions and limits as a draw has them (L-7). */
export async function drawableAmong(
  database: Database,
  { userId, campaignIds, timezone }: Drawing,
  nowMs: number,
): Promise<ReadonlySet<number>> {
  if (campaignIds.length === 0) return new Set();
  const manager = database.currentReader;
  const reader = { manager, query: database.readCurrent.bind(database) };
  const [campaigns, account, { diners }, earlier] = await Promise.all([
    manager.find(LotteryCampaign, { where: { campaign_id: In([...campaignIds]), ...runningAt(nowMs) } }),
    readAccount(database, userId),
    findDiners(reader, 0, [userId]),
    findEarlier(reader, 0, [userId]),
  ]);
  const diner = diners.get(userId);
  const ofPerson = earlier.get(userId);
  const accounts = [userId, ...(ofPerson?.userIds ?? [])];
  const counters = await manager.findBy(LotteryUserCounter, {
    campaign_id: In([...campaignIds]),
    user_id: In(accounts),
  });
  const today = businessDayOf(nowMs, timezone);
  const allowed = await Promise.all(
    campaigns.filter(hasDrawsLeft).map(async (campaign) => {
      const { campaign_id: campaignId, conditions } = campaign;
      const own = counters.filter(({ campaign_id: id }) => id === campaignId);
      if (isUsedUp(campaign, own, today)) return [];
      const audience = conditions === null ? {} : await findAudience(reader, conditions, [userId]);
      const circumstances = { pool: { conditions }, account, diner, audience, earlier: ofPerson };
      return exclusionOf(circumstances) === undefined ? [campaignId] : [];
    }),
  );
  return new Set(allowed.flat());
}

function runningAt(nowMs: number) {
  const now = new Date(nowMs);
  return { status: 'active' as const, start_time: LessThanOrEqual(now), end_time: MoreThan(now) };
}

function hasDrawsLeft({ remaining_draws: left }: LotteryCampaign): boolean {
  return left === null || left > 0;
}

function isUsedUp(
  { draws_per_user_per_day: perDay, wins_per_user: mostWins }: LotteryCampaign,
  counters: readonly LotteryUserCounter[],
  today: string,
): boolean {
  const sum = (valueOf: (counter: LotteryUserCounter) => number) =>
    counters.reduce((all, counter) => all + valueOf(counter), 0);
  const drawsToday = sum(({ business_day: day, draws_today: draws }) => (day >= today ? draws : 0));
  return (
    (perDay !== null && drawsToday >= perDay) || (mostWins !== null && sum(({ wins }) => wins) >= mostWins)
  );
}
