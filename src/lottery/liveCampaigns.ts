import { In } from 'typeorm';
import { LotteryCampaign } from '../../entities/LotteryCampaign.ts';
import type { RoomDirectory } from '../cluster/roomDirectory.ts';
import type { Database } from '../database/transaction.ts';
import type { Logger } from '../logger.ts';

export interface LiveCampaignsServices {
  database: Database;
  directory: RoomDirectory;
  logger: Logger;
}

/** Opens the rooms of all campaigns that the clock may start or end, so that it does even when nobody joins. */
export async function openLiveCampaigns({
  database,
  directory,
  logger,
}: LiveCampaignsServices): Promise<void> {
  const live = await database.reader.find(LotteryCampaign, {
    select: { campaign_id: true },
    where: { status: In(['scheduled', 'active', 'paused']) },
  });
  for (const { campaign_id: campaignId } of live) {
    try {
      await directory.ensure({ type: 'campaign', key: campaignId });
    } catch (error) {
      // One campaign that cannot run must not keep the others closed.
      logger.error({ err: error, campaignId }, 'a campaign could not be opened');
    }
  }
}
