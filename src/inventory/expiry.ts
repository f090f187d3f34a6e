/*
 * Won items whose time is over (L-9): found by their index, and ended by the owner of their campaign, in its queue, since stock may
 * come back with them. Every node looks; each item ends once. What this node holds for due, and an owner whose clock is behind
 * does not, waits for the next time.
 */
import { In, LessThanOrEqual, Not } from 'typeorm';
import { UserInventory } from '../../entities/inventory/UserInventory.ts';
import type { CampaignOwners } from '../lottery/ownerCalls.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database/transaction.ts';
import { LIMITS } from '../platform/limits.ts';
import type { Logger } from '../platform/logger.ts';
import { repeating } from '../platform/repeating.ts';
import { expireExchangedItems } from './ownItems.ts';

export interface ItemExpiryServices {
  database: Database;
  clock: Clock;
  logger: Logger;
  owners: Pick<CampaignOwners, 'expirePrizes'>;
}

export function keepExpiringItems(services: ItemExpiryServices): () => void {
  const { database, clock, logger } = services;
  const stops = [
    repeating(logger, 'won items could not be expired', (stopping) => expireDueItems(services, stopping)),
    repeating(logger, 'exchanged items could not be expired', (stopping) =>
      expireExchangedItems({ database, nowMs: clock.nowMs() }, stopping),
    ),
  ];
  return () => stops.forEach((stop) => stop());
}

/** All that is due now, in batches. A campaign whose owner cannot do it now keeps no other one waiting. */
export async function expireDueItems(services: ItemExpiryServices, stopping?: AbortSignal): Promise<void> {
  const failed = new Set<number>();
  while (stopping?.aborted !== true) {
    const due = await findDue(services, failed);
    let expired = 0;
    for (const [campaignId, items] of Map.groupBy(due, ({ campaign_id: id }) => id!)) {
      const itemIds = items.map(({ inventory_id: itemId }) => itemId);
      try {
        expired += await services.owners.expirePrizes(campaignId, { itemIds });
      } catch (error) {
        failed.add(campaignId);
        services.logger.warn({ err: error, campaignId }, 'won items of a campaign could not be expired');
      }
    }
    if (due.length < LIMITS.itemsPerExpiry || expired === 0) return;
  }
}

/** First due, first ended. */
function findDue(
  { database, clock }: ItemExpiryServices,
  failed: ReadonlySet<number>,
): Promise<Pick<UserInventory, 'inventory_id' | 'campaign_id'>[]> {
  return database.currentReader.find(UserInventory, {
    select: { inventory_id: true, campaign_id: true },
    where: {
      status: 'unclaimed',
      expires_at: LessThanOrEqual(new Date(clock.nowMs())),
      ...(failed.size > 0 && { campaign_id: Not(In([...failed])) }),
    },
    order: { expires_at: 'ASC', inventory_id: 'ASC' },
    take: LIMITS.itemsPerExpiry,
  });
}
