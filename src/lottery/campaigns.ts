/** Campaigns and prizes as clients read them: committed rows, outside any transaction. */
import { In, Not } from 'typeorm';
import { LotteryCampaign, type CampaignStatus } from '../../entities/lottery/LotteryCampaign.ts';
import { LotteryPrize } from '../../entities/lottery/LotteryPrize.ts';
import { readPage } from '../platform/database/readPage.ts';
import type { Database } from '../platform/database/transaction.ts';
import { roomIdOf } from '../platform/cluster/roomName.ts';
import { AppError } from '../platform/errors.ts';
import type { Page, PageQuery } from '../platform/shapes.ts';
import { shownStock } from './leftToWin.ts';
import type { CampaignDetail, CampaignSummary, PrizeView } from './views.ts';
import { readCounter } from './counters.ts';

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
  database: Database,
  campaignId: number,
  userId: number,
): Promise<CampaignDetail> {
  const campaign = await findCampaign(database, campaignId);
  const [prizes, counter, won] = await Promise.all([
    listPrizes(database, campaignId),
    readCounter(database, campaignId, userId),
    database.reader.sum(LotteryPrize, 'won_quantity', { campaign_id: campaignId }),
  ]);
  const draws = campaign.draw_no;
  const wins = won ?? 0;
  return {
    ...toSummary(campaign),
    room_id: roomIdOf({ type: 'campaign', key: campaignId }),
    prizes,
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
      streak: counter?.streak ?? 0,
      prize_value: (counter?.prizeValue ?? 0) / 100,
    },
  };
}

export async function listPrizes(database: Database, campaignId: number): Promise<PrizeView[]> {
  const prizes = await database.reader.find(LotteryPrize, {
    where: { campaign_id: campaignId },
    order: { sort_order: 'ASC', prize_id: 'ASC' },
  });
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
  };
}

/** @throws AppError NOT_FOUND */
export async function campaignOfPrize(database: Database, prizeId: number): Promise<number> {
  const prize = await database.currentReader.findOneBy(LotteryPrize, { prize_id: prizeId });
  if (prize === null) throw new AppError('NOT_FOUND');
  return prize.campaign_id;
}
