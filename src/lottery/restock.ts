/** Stock that the administration adds or takes away, whether the campaign is published or not (RL-6). */
import { randomUUID } from 'node:crypto';
import type { Actor } from '../platform/caller.ts';
import type { Clock } from '../platform/clock.ts';
import { onceIn, type OnceResult } from '../platform/database/idempotency.ts';
import type { Database } from '../platform/database/transaction.ts';
import { MARKETS, type Market } from '../draw/market.ts';
import { AppError } from '../platform/errors.ts';
import { campaignOfPrize } from './campaigns.ts';
import { onDraft } from './onDraft.ts';
import type { CampaignOwners } from './ownerCalls.ts';
import { saveOwned } from './ownership.ts';
import { findPrize, moveStock, type StockChange } from './stock.ts';

export interface RestockServices {
  database: Database;
  clock: Clock;
  owners: Pick<CampaignOwners, 'adjustStock'>;
  market: Market;
}

export interface Restock extends StockChange {
  actor: Actor;
  /** Undefined: each call counts. */
  key: string | undefined;
}

/** @throws AppError NOT_FOUND, CONFLICT, IDEMPOTENCY_KEY_REUSED; as its owner refuses */
export async function restock(
  services: RestockServices,
  { prizeId, delta, actor, key = randomUUID() }: Restock,
): Promise<OnceResult<number>> {
  const { database, clock, owners, market } = services;
  const campaignId = await campaignOfPrize(database, prizeId);
  const nowMs = clock.nowMs();
  const drafted = await onDraft(database, campaignId, (tx, campaign) =>
    // As the owner asks, so that a key stays the same key when the draft is published.
    onceIn(tx, { userId: actor.userId, key, request: { prizeId, delta }, nowMs }, async () => {
      const prize = await findPrize(tx, { campaignId, prizeId });
      const remaining = await moveStock(tx, { campaign, prize, delta }, { actor, nowMs });
      // Stock is in the document: whoever edits an older one is told.
      campaign.version += 1;
      await saveOwned(tx, campaign, nowMs);
      return remaining;
    }),
  );
  if (drafted !== undefined) return drafted;
  // What is published is not made less (RL-1).
  if (delta < 0 && MARKETS[market].protectsDiners)
    throw new AppError('CONFLICT', { details: { reason: 'market' } });
  return owners.adjustStock(campaignId, { prizeId, delta, actor, key });
}
