/** Campaigns and prizes as clients read them: committed rows, outside any transaction. */
import { In, Not } from 'typeorm';
import { LotteryCampaign, type CampaignStatus } from '../../entities/lottery/LotteryCampaign.ts';
import { LotteryPrize } from '../../entities/lottery/LotteryPrize.ts';
import type { Database } from '../platform/database/transaction.ts';
import { roomIdOf } from '../platform/cluster/roomName.ts';
import { AppError } from '../platform/errors.ts';
import type { Page, PageQuery } from '../platform/shapes.ts';
import type { CampaignDetail, CampaignSummary, PrizeView } from './views.ts';
import { readCounter } from './counters.ts';

/** Drafts are the operators' own; everyone else sees a campaign from its scheduling on. */
export async function listCampaigns(
  database: Database,
  { status, page, limit }: PageQuery & { status: CampaignStatus | undefined },
): Promise<Page<CampaignSummary>> {
  const [rows, total] = await database.reader.findAndCount(LotteryCampaign, {
    where: { status: status === undefined ? Not('draft') : In(status === 'draft' ? [] : [status]) },
    order: { start_time: 'DESC', campaign_id: 'DESC' },
    skip: (page - 1) * limit,
    take: limit,
  });
  return { items: rows.map(toSummary), page, limit, total };
}

/** @throws AppError NOT_FOUND */
export async function readCampaign(
  database: Database,
  campaignId: number,
  userId: number,
): Promise<CampaignDetail> {
  const campaign = await findCampaign(database, campaignId);
  const [prizes, counter, [sums]] = await Promise.all([
    listPrizes(database, campaignId),
    readCounter(database, campaignId, userId),
    database.read<{ wins: number | string | null }>(
      'SELECT SUM(won_quantity) AS wins FROM lottery_prizes WHERE campaign_id = ?',
      [campaignId],
    ),
  ]);
  const draws = campaign.draw_no;
  const wins = Number(sums?.wins ?? 0);
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
    remaining: prize.remaining_quantity,
    total: prize.total_quantity,
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
  const rows = await database.readCurrent(
    "SELECT 1 AS found FROM lottery_campaigns WHERE campaign_id = ? AND status <> 'draft'",
    [campaignId],
  );
  return rows.length > 0;
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
