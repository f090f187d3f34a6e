/** How requests about campaigns are decided, for the queue of them (R-1 extends it). */
import { randomUUID } from 'node:crypto';
import type { ApprovalKinds } from '../../approvals/kinds.ts';
import type { Market } from '../../draw/market.ts';
import type { Clock } from '../../platform/clock.ts';
import type { RoomDirectory } from '../../platform/cluster/roomDirectory.ts';
import type { Database } from '../../platform/database/transaction.ts';
import type { CampaignOwners } from '../ownerCalls.ts';
import { CHANGE, START } from './campaignKinds.ts';
import { campaignParties } from './campaignParties.ts';
import { approveStart } from './starts.ts';

export interface CampaignApprovalServices {
  database: Database;
  clock: Clock;
  directory: Pick<RoomDirectory, 'ensure'>;
  owners: Pick<CampaignOwners, 'applyChange'>;
  market: Market;
  breakGlassMs: number;
}

export function campaignApprovals(services: CampaignApprovalServices): ApprovalKinds {
  const { database, clock, directory, owners, market, breakGlassMs } = services;
  const about = {
    subjectName: 'campaign_id',
    parties: (id: number) => campaignParties(id, breakGlassMs),
  } as const;
  return {
    [START]: {
      ...about,
      async approve(decision, campaignId) {
        const approving = {
          decision,
          campaignId,
          market,
          parties: campaignParties(campaignId, breakGlassMs),
        };
        await database.retryingTransaction((tx) => approveStart(tx, approving, clock.nowMs()));
        await directory.ensure({ type: 'campaign', key: campaignId });
      },
    },
    [CHANGE]: {
      ...about,
      async approve(decision, campaignId) {
        await owners.applyChange(campaignId, { ...decision, breakGlassMs, key: randomUUID() });
      },
    },
  };
}
