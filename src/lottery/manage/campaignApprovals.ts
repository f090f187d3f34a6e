/** How requests about campaigns are decided, for the queue of them (R-1 extends it). */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Request } from '../../approvals/approvals.ts';
import type { ApprovalKinds, Tried } from '../../approvals/kinds.ts';
import type { Market } from '../../draw/market.ts';
import type { Clock } from '../../platform/clock.ts';
import type { RoomDirectory } from '../../platform/cluster/roomDirectory.ts';
import type { Database } from '../../platform/database/transaction.ts';
import { parse } from '../../platform/validate.ts';
import type { CampaignOwners } from '../ownerCalls.ts';
import { findSimulationsOf } from '../simulation/store.ts';
import { configHashOf, subjectOf, subjectOfBody } from '../simulation/subject.ts';
import { storedBodyShape } from './documentShapes.ts';
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
    simulations: (request: Request) => simulationsOf(database, request),
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

/** Of what is asked for as a document, and of the draft as it is stored. */
async function simulationsOf(database: Database, { kind, subjectId, change }: Request): Promise<Tried[]> {
  const { document } = parse(z.looseObject({ document: storedBodyShape }), change);
  const configs = [subjectOfBody(document).config];
  if (kind === START) configs.push((await subjectOf(database, subjectId)).config);
  const found = await findSimulationsOf(database, configs.map(configHashOf));
  return found.map(({ simulation_id, config_hash, status }) => ({
    simulationId: simulation_id,
    configHash: config_hash,
    status,
  }));
}
