/** Those who have opened a campaign, or drawn in it. */
import { Between } from 'typeorm';
import { LotteryCampaignVisitor } from '../../entities/lottery/LotteryCampaignVisitor.ts';
import type { UserRange } from '../identity/people/userRange.ts';
import type { Tx } from '../platform/database/transaction.ts';

/** In a range of users, in the order of their ids. */
export async function campaignVisitorsWithin(
  { manager }: Pick<Tx, 'manager'>,
  campaignId: number,
  { from, to }: UserRange,
): Promise<number[]> {
  const rows = await manager.find(LotteryCampaignVisitor, {
    select: { user_id: true },
    where: { campaign_id: campaignId, user_id: Between(from, to) },
    order: { user_id: 'ASC' },
  });
  return rows.map(({ user_id: userId }) => userId);
}
