import { In } from 'typeorm';
import { LotteryCampaign } from '../../entities/lottery/LotteryCampaign.ts';
import type { Database } from '../platform/database/transaction.ts';
import { LIMITS } from '../platform/limits.ts';
import { shownStock } from './leftToWin.ts';
import { isLow } from './lowStock.ts';
import { progressOf, type CampaignRows } from './manage/document.ts';
import { readRowsOf } from './manage/campaignRows.ts';

/** Campaigns that run or are paused, the newest first, with their prizes. */
export async function findRunning({ currentReader }: Database): Promise<CampaignRows[]> {
  const campaigns = await currentReader.find(LotteryCampaign, {
    where: { status: In(['active', 'paused']) },
    order: { campaign_id: 'DESC' },
    take: LIMITS.shownCampaigns,
  });
  return readRowsOf(currentReader, campaigns);
}

/** How many of their prizes are about to run out. */
export function countLowStock(rows: readonly CampaignRows[]): number {
  return rows.flatMap(({ prizes }) => prizes).filter((prize) => isLow(shownStock(prize))).length;
}

/** How far one is, as the list of campaigns has it. */
export function runningToWire(row: CampaignRows) {
  const { campaign } = row;
  return {
    campaign_id: campaign.campaign_id,
    name: campaign.campaign_name,
    status: campaign.status,
    ends_at: campaign.end_time.toISOString(),
    total_draws: campaign.total_draws,
    remaining_draws: campaign.remaining_draws,
    ...progressOf(row),
  };
}
