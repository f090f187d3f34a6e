/** Campaigns and prizes as clients read them: committed rows, outside any transaction. */
import { In, Not } from 'typeorm';
import { LotteryCampaign, type CampaignStatus } from '../../entities/lottery/LotteryCampaign.ts';
import { LotteryPrize } from '../../entities/lottery/LotteryPrize.ts';
import type { Clock } from '../platform/clock.ts';
import { readPage } from '../platform/database/readPage.ts';
import type { Database } from '../platform/database/transaction.ts';
import { roomIdOf } from '../platform/cluster/roomName.ts';
import { AppError } from '../platform/errors.ts';
import { readAccount } from '../points/account.ts';
import type { Page, PageQuery } from '../platform/shapes.ts';
import { shownStock } from './leftToWin.ts';
import type { CampaignDetail, CampaignSummary, PrizeView } from './views.ts';
import { readCounter } from './counters.ts';
import { oddsOf } from './odds.ts';
import { findPrizes } from './prizeRows.ts';
import type { PublishedEngines } from './publishedEngines.ts';

export interface CampaignReading {
  database: Database;
  clock: Clock;
  engines: PublishedEngines;
}

/** Drafts are the operators' own; everyone else sees a campaign from its scheduling on. */
export async function listCampaigns(
  database: Database,
  { status, ...query }: PageQuery & { status: CampaignStatus | undefined },
): Promise<Page<CampaignSummary>> {
  const where = {
    status: status === undefined ? Not<CampaignStatus>('draft') : In(status === 'draft' ? [] : [status]),
  };
  const order = { start_time: 'DESC', campaign_id: 'DESC' } as const;
  const { items, ...shown } = await readPage(query, {
    items: (part) => database.reader.find(LotteryCampaign, { where, order, ...part }),
    count: () => database.reader.countBy(LotteryCampaign, where),
  });
  return { items: items.map(toSummary), ...shown };
}

/** @throws AppError NOT_FOUND */
export async function readCampaign(
  services: CampaignReading,
  campaignId: number,
  userId: number,
): Promise<CampaignDetail> {
  const { database } = services;
  const campaign = await findCampaign(database, campaignId);
  const [prizes, counter, account, won] = await Promise.all([
    listDrawnPrizes(services, campaign),
    readCounter(database, campaignId, userId),
    readAccount(database, userId),
    database.reader.sum(LotteryPrize, 'won_quantity', { campaign_id: campaignId }),
  ]);
  const own = { level: account.level, streak: counter?.streak ?? 0 };
  const draws = campaign.draw_no;
  const wins = won ?? 0;
  return {
    ...toSummary(campaign),
    room_id: roomIdOf({ type: 'campaign', key: campaignId }),
    prizes: await withOwnOdds(services, { campaign, prizes, ...own }),
    guarantee_threshold: campaign.guarantee_threshold,
    statistics: {
      draws,
      wins,
      win_rate: draws === 0 ? 0 : wins / draws,
      participants: campaign.participants,
    },
    my_record: {
      draws: counter?.draws ?? 0,
      wins: counter?.wins ?? 0,
      streak: own.streak,
      prize_value: (counter?.prizeValue ?? 0) / 100,
    },
  };
}

/** Those that can be drawn: one that a later configuration has left out may still be somebody's. */
export async function listDrawnPrizes(
  { database, engines }: Pick<CampaignReading, 'database' | 'engines'>,
  { campaign_id: campaignId, table_version: version }: LotteryCampaign,
): Promise<PrizeView[]> {
  const [prizes, published] = await Promise.all([
    listPrizes(database, campaignId),
    engines.engineOf(campaignId, version),
  ]);
  if (published === undefined) return prizes;
  const drawn = new Set(published.engine.config.prizes.map(({ prize_id }) => prize_id));
  return prizes.filter(({ prize_id }) => drawn.has(prize_id));
}

export async function listPrizes(database: Database, campaignId: number): Promise<PrizeView[]> {
  const prizes = await findPrizes(database.reader, campaignId);
  return prizes.map((prize) => ({
    prize_id: prize.prize_id,
    name: prize.prize_name,
    type: prize.prize_type,
    tier: prize.tier,
    value: prize.prize_value / 100,
    image_url: prize.prize_image_url,
    ...shownStock(prize),
    probability: prize.win_probability / 1e8,
  }));
}

interface OwnOdds {
  campaign: LotteryCampaign;
  prizes: PrizeView[];
  level: number;
  streak: number;
}

/** As the engine of the published configuration has them (RL-13). */
async function withOwnOdds(
  { engines, clock }: CampaignReading,
  { campaign, prizes, level, streak }: OwnOdds,
): Promise<PrizeView[]> {
  const published = await engines.engineOf(campaign.campaign_id, campaign.table_version);
  if (published === undefined) return prizes;
  const { engine, tableVersion } = published;
  const odds = oddsOf(engine, { tableVersion, level, streak, nowMs: clock.nowMs() });
  const byId = new Map(odds.prizes.map((prize) => [prize.prize_id, prize]));
  return prizes.map((prize) => {
    const { probability, effective_probability } = byId.get(prize.prize_id)!;
    return { ...prize, probability, effective_probability };
  });
}

/** A campaign that others than its operators may see. @throws AppError NOT_FOUND */
export async function findCampaign(database: Database, campaignId: number): Promise<LotteryCampaign> {
  const campaign = await database.reader.findOneBy(LotteryCampaign, {
    campaign_id: campaignId,
    status: Not<CampaignStatus>('draft'),
  });
  if (campaign === null) throw new AppError('NOT_FOUND');
  return campaign;
}

/** Whether there is a campaign that diners may see; the primary tells also of one that was created a moment ago. */
export async function hasCampaign(database: Database, campaignId: number): Promise<boolean> {
  return database.currentReader.existsBy(LotteryCampaign, {
    campaign_id: campaignId,
    status: Not<CampaignStatus>('draft'),
  });
}

function toSummary(campaign: LotteryCampaign): CampaignSummary {
  return {
    campaign_id: campaign.campaign_id,
    name: campaign.campaign_name,
    type: campaign.campaign_type,
    description: campaign.description,
    status: campaign.status,
    starts_at: campaign.start_time.toISOString(),
    ends_at: campaign.end_time.toISOString(),
    cost_per_draw: campaign.cost_per_draw / 100,
    total_draws: campaign.total_draws,
    remaining_draws: campaign.remaining_draws,
    draws_per_user_per_day: campaign.draws_per_user_per_day,
    free_draws_per_day: campaign.free_draws_per_day,
    wins_per_user: campaign.wins_per_user,
  };
}

/** @throws AppError NOT_FOUND */
export async function campaignOfPrize(database: Database, prizeId: number): Promise<number> {
  const prize = await database.currentReader.findOneBy(LotteryPrize, { prize_id: prizeId });
  if (prize === null) throw new AppError('NOT_FOUND');
  return prize.campaign_id;
}
