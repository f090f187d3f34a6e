/** Who is told by a broadcast. */
import type { BroadcastAudience } from '../../../entities/notifications/NotificationBroadcast.ts';
import { requireUsers } from '../../identity/people/knownUsers.ts';
import { activeWithin, type UserRange } from '../../identity/people/userRange.ts';
import { likelyGuestsWithin, waitingGuestsWithin } from '../../lottery/campaignNews.ts';
import { campaignVisitorsWithin } from '../../lottery/campaignVisitors.ts';
import { findCampaign } from '../../lottery/campaigns.ts';
import { membersWithin, requireSegment } from '../../lottery/segments.ts';
import type { Database, Tx } from '../../platform/database/transaction.ts';
import { visitorsWithin } from '../../points/bills/visits.ts';
import { readRestaurant } from '../../restaurants/restaurants.ts';

/** @throws AppError NOT_FOUND for what is not there */
export async function requireAudience(database: Database, audience: BroadcastAudience): Promise<void> {
  const tx = { manager: database.currentReader };
  if ('segment' in audience) await requireSegment(tx, audience.segment);
  if ('restaurant_id' in audience) await readRestaurant(database, audience.restaurant_id);
  if ('campaign_id' in audience) await findCampaign(database, audience.campaign_id);
  if ('user_ids' in audience) await requireUsers(tx, audience.user_ids);
}

/** Those of a range of users who belong to it now, each once: one statement, which is bounded by the range. */
export async function audienceWithin(
  tx: Tx,
  audience: BroadcastAudience,
  range: UserRange,
): Promise<number[]> {
  if ('segment' in audience) return membersWithin(tx, audience.segment, range);
  if ('restaurant_id' in audience) return visitorsWithin(tx, audience.restaurant_id, range);
  if ('campaign_id' in audience) return campaignVisitorsWithin(tx, audience.campaign_id, range);
  if ('guests_like' in audience) return likelyGuestsWithin(tx, audience.guests_like, range);
  if ('waiting_guests' in audience) return waitingGuestsWithin(tx, audience.waiting_guests, range);
  if ('user_ids' in audience)
    return [...new Set(audience.user_ids)].filter((userId) => userId >= range.from && userId <= range.to);
  if ('all' in audience) return activeWithin(tx, range);
  // Never everybody instead.
  throw new Error(`An audience that is not known: ${Object.keys(audience).join(', ')}`);
}

const AUDIENCES: ReadonlySet<string> = new Set<KeyOf<BroadcastAudience>>([
  ...(['all', 'segment', 'restaurant_id', 'campaign_id'] as const),
  ...(['user_ids', 'guests_like', 'waiting_guests'] as const),
]);
type KeyOf<Each> = Each extends unknown ? keyof Each : never;

/** Whether this build knows who that is: a later one may have asked for others. */
export function isKnownAudience(audience: object): boolean {
  const names = Object.keys(audience);
  return names.length === 1 && AUDIENCES.has(names[0]!);
}
