import type { Tx } from '../platform/database/transaction.ts';
import { lockOwned, recordCampaignAction, saveOwned, type OwnedChange } from './ownership.ts';
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
