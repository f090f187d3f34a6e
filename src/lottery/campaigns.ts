/** Campaigns, prizes and draws as clients read them: committed rows, outside any transaction. */
import { In, Not } from 'typeorm';
import { LotteryCampaign, type CampaignStatus } from '../../entities/LotteryCampaign.ts';
import { LotteryPrize } from '../../entities/LotteryPrize.ts';
import { fromSqlPoints, fromSqlTime } from '../database/sqlValues.ts';
import type { Database } from '../database/transaction.ts';
import { AppError } from '../errors.ts';
import { toWireTime, type Page } from '../shapes.ts';
import type { CampaignDetail, CampaignSummary, DrawnRecord, PrizeView } from './views.ts';
import { readCounter } from './counters.ts';

export interface PageQuery {
  page: number;
  limit: number;
}

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
    room_id: `campaign-${campaignId}`,
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

/** The epoch of the campaign's latest owner; a lagging replica may tell an older one, never a newer. */
export async function readOwnerEpoch(database: Database, campaignId: number): Promise<number> {
  const [row] = await database.readCurrent<{ owner_epoch: number }>(
    'SELECT owner_epoch FROM lottery_campaigns WHERE campaign_id = ?',
    [campaignId],
  );
  return row?.owner_epoch ?? 0;
}

/** A diner's own draws, newest first. */
export async function listDraws(
  database: Database,
  { userId, campaignId, page, limit }: PageQuery & { userId: number; campaignId: number | undefined },
): Promise<Page<DrawnRecord>> {
  const where = campaignId === undefined ? 'd.user_id = ?' : 'd.user_id = ? AND d.campaign_id = ?';
  const parameters = campaignId === undefined ? [userId] : [userId, campaignId];
  const [[count], rows] = await Promise.all([
    database.read<{ total: number | string }>(
      `SELECT COUNT(*) AS total FROM lottery_draws d WHERE ${where}`,
      parameters,
    ),
    database.read<Record<string, string | number | Date | null>>(
      `SELECT d.*, p.prize_name, p.prize_type, p.prize_value FROM lottery_draws d
       LEFT JOIN lottery_prizes p ON p.prize_id = d.prize_id
       WHERE ${where} ORDER BY d.draw_time DESC, d.draw_id DESC LIMIT ? OFFSET ?`,
      [...parameters, limit, (page - 1) * limit],
    ),
  ]);
  return { items: rows.map(toDrawnRecord), page, limit, total: Number(count?.total ?? 0) };
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

function toDrawnRecord(row: Record<string, string | number | Date | null>): DrawnRecord {
  return {
    draw_id: Number(row['draw_id']),
    draw_no: Number(row['draw_no']),
    campaign_id: Number(row['campaign_id']),
    request_id: String(row['request_id']),
    is_winner: row['prize_id'] !== null,
    is_guarantee: Number(row['is_guarantee']) === 1,
    prize:
      row['prize_id'] === null
        ? null
        : {
            prize_id: Number(row['prize_id']),
            name: String(row['prize_name']),
            type: String(row['prize_type']),
            value: fromSqlPoints(Number(row['prize_value'])) / 100,
          },
    points_cost: fromSqlPoints(Number(row['points_cost'])) / 100,
    drawn_at: toWireTime(fromSqlTime(row['draw_time'] as Date | string)),
  };
}
