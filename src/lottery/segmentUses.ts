import { In, Raw } from 'typeorm';
import { LotteryCampaign } from '../../entities/lottery/LotteryCampaign.ts';
import type { Tx } from '../platform/database/transaction.ts';

/** JSON is looked at as a text: most have none. */
const NAMES_SEGMENTS = Raw((column) => `${column} LIKE '%"segments"%'`);

/** By the name of a segment, campaigns that are open to its members and not over. */
export async function campaignsOpenTo(
  { manager }: Pick<Tx, 'manager'>,
  segments: readonly string[],
): Promise<Map<string, { id: number; name: string }[]>> {
  const uses = new Map<string, { id: number; name: string }[]>();
  if (segments.length === 0) return uses;
  const campaigns = await manager.find(LotteryCampaign, {
    select: { campaign_id: true, campaign_name: true, conditions: true },
    where: {
      status: In<LotteryCampaign['status']>(['draft', 'scheduled', 'active', 'paused']),
      conditions: NAMES_SEGMENTS,
    },
    order: { campaign_id: 'ASC' },
  });
  const asked = new Set(segments);
  for (const { campaign_id: id, campaign_name: name, conditions } of campaigns)
    for (const segment of conditions?.segments ?? [])
      if (asked.has(segment)) uses.set(segment, [...(uses.get(segment) ?? []), { id, name }]);
  return uses;
}
