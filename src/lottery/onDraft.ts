import { LotteryCampaign } from '../../entities/lottery/LotteryCampaign.ts';
import type { Database, Tx } from '../platform/database/transaction.ts';
import { lockCampaign } from './ownership.ts';

/**
 * Runs `work` on a campaign that is a draft, under its lock: it has no owner yet, through which everything goes later. Undefined
 * where it has been published.
 */
export async function onDraft<T>(
  database: Database,
  campaignId: number,
  work: (tx: Tx, campaign: LotteryCampaign) => Promise<T>,
): Promise<T | undefined> {
  const draft = { campaign_id: campaignId, status: 'draft' as const };
  // Nothing leads back to a draft: what runs is not held up by a look at it.
  if (!(await database.currentReader.existsBy(LotteryCampaign, draft))) return undefined;
  return database.retryingTransaction(async (tx) => {
    const position = await lockCampaign(tx, campaignId);
    if (position?.status !== 'draft') return undefined;
    return work(tx, await tx.manager.findOneByOrFail(LotteryCampaign, draft));
  });
}
