import type { Tx } from '../platform/database/transaction.ts';
import { claimCampaign, lockOwned, recordCampaignAction, saveOwned, type OwnedChange } from './ownership.ts';
import { commitToSeed, revealSeed } from './pool.ts';

/** Publishes the seed in use and commits to the next one, before any draw of it. */
export async function rotateSeed(tx: Tx, change: OwnedChange): Promise<void> {
  const campaign = await lockOwned(tx, change);
  const before = { epoch: campaign.fairness_epoch };
  await revealSeed(tx, campaign, change);
  await commitToSeed(tx, campaign, change);
  await saveOwned(tx, campaign, change.nowMs);
  const after = { epoch: campaign.fairness_epoch };
  await recordCampaignAction(tx, change, { action: 'campaign.rotate_seed', before, after });
}

/**
 * As `rotateSeed`, by whoever is no owner yet and becomes one for it: of a database that has gone back in time, where the seed in use may
 * have been revealed since.
 */
export async function replaceSeed(tx: Tx, change: Omit<OwnedChange, 'ownerEpoch'>): Promise<void> {
  const { ownerEpoch } = await claimCampaign(tx, change);
  await rotateSeed(tx, { ...change, ownerEpoch });
}
