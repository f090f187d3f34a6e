/** Campaigns of a database that has gone back in time. */
import { In, MoreThan } from 'typeorm';
import { LotteryCampaign } from '../../entities/lottery/LotteryCampaign.ts';
import type { Database, Tx } from '../platform/database/transaction.ts';
import { raiseEpochs } from '../platform/actor/fence.ts';

/** There are no more than 900,000 ids of campaigns. */
export const CAMPAIGN_KEYS_LEFT_OUT = 100;

/** Whoever owns a campaign is fenced, and whoever claims it next is newer than all before. */
export async function raiseCampaignEpochs(tx: Tx, least: number): Promise<void> {
  await raiseEpochs(tx, 'lottery_campaigns', least);
}

/** Those that were opened, and in which something may be drawn. */
export async function campaignsWithSeed(database: Database): Promise<number[]> {
  const campaigns = await database.currentReader.find(LotteryCampaign, {
    select: { campaign_id: true },
    where: { status: In(['scheduled', 'active', 'paused']), log_no: MoreThan(0) },
    order: { campaign_id: 'ASC' },
  });
  return campaigns.map(({ campaign_id: campaignId }) => campaignId);
}
