import { setTimeout as sleep } from 'node:timers/promises';
import { In } from 'typeorm';
import { LotteryCampaign } from '../../entities/lottery/LotteryCampaign.ts';
import type { Cluster } from '../platform/cluster/cluster.ts';
import type { RoomDirectory } from '../platform/cluster/roomDirectory.ts';
import type { Database } from '../platform/database/transaction.ts';
import { asAppError } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';

export interface LiveCampaignsServices {
  database: Database;
  directory: RoomDirectory;
  cluster: Cluster | undefined;
  logger: Logger;
}

const CHECK_INTERVAL_MS = 5000;
/** Nodes that start together share the campaigns instead of the first one taking them all. */
const CLUSTER_DELAY_MS = 2000;

/**
 * Keeps the rooms of all campaigns open that the clock may start or end, so that it does even when nobody joins, and also
 * after the process that had one has died. Returns how to stop.
 */
export async function keepCampaignsOpen(services: LiveCampaignsServices): Promise<() => void> {
  const stopping = new AbortController();
  if (services.cluster === undefined) await openLiveCampaigns(services, stopping.signal);
  void (async () => {
    await sleep(CLUSTER_DELAY_MS, undefined, { ref: false });
    while (!stopping.signal.aborted) {
      await openLiveCampaigns(services, stopping.signal);
      await sleep(CHECK_INTERVAL_MS, undefined, { ref: false });
    }
  })();
  return () => stopping.abort();
}

async function openLiveCampaigns(
  { database, directory, logger }: LiveCampaignsServices,
  stopping: AbortSignal,
): Promise<void> {
  try {
    const live = await database.reader.find(LotteryCampaign, {
      select: { campaign_id: true },
      where: { status: In(['scheduled', 'active', 'paused']) },
    });
    const names = live.map(({ campaign_id: key }) => ({ type: 'campaign', key }));
    for (const name of await directory.findClosed(names)) {
      // The next rooms are for the nodes that stay.
      if (stopping.aborted) return;
      // One campaign that cannot run must not keep the others closed.
      await directory.ensure(name).catch((error: unknown) => {
        if (stopping.aborted) return;
        const { code } = asAppError(error);
        // It is changing hands, or will be looked for again.
        const level = code === 'MOVED' || code === 'BUSY' ? 'warn' : 'error';
        logger[level]({ err: error, campaignId: name.key }, 'a campaign could not be opened');
      });
    }
  } catch (error) {
    // While it shuts down, the database is closed under whatever still reads.
    if (!stopping.aborted) logger.error({ err: error }, 'the live campaigns could not be read');
  }
}
