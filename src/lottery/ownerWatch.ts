import type { Database } from '../platform/database/transaction.ts';
import type { Logger } from '../platform/logger.ts';
import { NodeWatch } from '../platform/cluster/nodeWatch.ts';

const CHECK_INTERVAL_MS = 1000;

/** A campaign's owner as it is watched. */
export interface WatchedOwner {
  readonly campaignId: number;
  /** Told of the epoch of the campaign's latest owner. */
  noticeEpoch(epoch: number): void;
}

/**
 * Lets the owners of this node notice newer ones even when nobody draws, as after the process was stopped for a while
 * (DRAW-1): one statement for all of them.
 */
export class OwnerWatch {
  private readonly watch: NodeWatch<WatchedOwner>;

  constructor(
    private readonly database: Database,
    logger: Logger,
  ) {
    this.watch = new NodeWatch({
      intervalMs: CHECK_INTERVAL_MS,
      look: (owners) => this.check(owners),
      onError: (error) => logger.error({ err: error }, 'the owners of campaigns could not be read'),
    });
  }

  /** Returns how to end it. */
  add(owner: WatchedOwner): () => void {
    return this.watch.add(owner);
  }

  async check(owners: readonly WatchedOwner[]): Promise<void> {
    const campaignIds = [...new Set(owners.map(({ campaignId }) => campaignId))];
    if (campaignIds.length === 0) return;
    // Never from a replica, which may tell an older epoch.
    const rows = await this.database.readCurrent<{ campaign_id: number; owner_epoch: number }>(
      'SELECT campaign_id, owner_epoch FROM lottery_campaigns WHERE campaign_id IN (?)',
      [campaignIds],
    );
    const epochs = new Map(rows.map((row) => [row.campaign_id, row.owner_epoch]));
    for (const owner of owners) owner.noticeEpoch(epochs.get(owner.campaignId) ?? 0);
  }
}
