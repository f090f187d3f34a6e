import { LotteryCampaignFigures } from '../../entities/lottery/LotteryCampaignFigures.ts';
import { upsertAll } from '../platform/database/bulk.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database/transaction.ts';
import { lockCampaign } from './ownership.ts';

interface Figures {
  online: number;
  peak: number;
  joins: number;
}

/** Whose figures they are: only the campaign's present owner writes them (DRAW-1). */
export interface FiguresOwner {
  campaignId: number;
  ownerEpoch: number;
}

/**
 * Figures of a campaign that are not money: kept in memory and written now and then; a crash may lose the last seconds.
 *
 * What is written are the values of the owner before this one and what this one has counted since, in full each time, by one
 * write at a time: so a write whose answer was lost may be repeated, and nothing is counted twice. Since every write holds the
 * campaign's row and checks the epoch on it, nobody else writes them as long as this owner is the owner.
 */
export class CampaignFigures {
  private joins = 0;
  private peak = 0;
  private saving: Promise<void> = Promise.resolve();

  /** After the campaign was claimed: what the owner before had committed by then stays as it is. */
  static async load(database: Database, clock: Clock, owner: FiguresOwner): Promise<CampaignFigures> {
    const row = await database.currentReader.findOneBy(LotteryCampaignFigures, {
      campaign_id: owner.campaignId,
    });
    const stored = row === null ? undefined : { online: row.online, peak: row.online_peak, joins: row.joins };
    return new CampaignFigures(database, clock, owner, stored);
  }

  private constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly owner: FiguresOwner,
    /** As it was last written; undefined: not at all. */
    private stored: Figures | undefined,
  ) {
    this.joins = stored?.joins ?? 0;
    this.peak = stored?.peak ?? 0;
  }

  countJoins(joins: number, online: number): void {
    this.joins += joins;
    this.peak = Math.max(this.peak, online);
  }

  /** Writes what has changed. An owner that is none any more writes nothing. */
  save(online: number): Promise<void> {
    const write = () => this.write(online);
    this.saving = this.saving.then(write, write);
    return this.saving;
  }

  private async write(online: number): Promise<void> {
    const next = { online, peak: this.peak, joins: this.joins };
    if (isSame(next, this.stored)) return;
    const { campaignId, ownerEpoch } = this.owner;
    const isOwner = await this.database.retryingTransaction(async (tx) => {
      const position = await lockCampaign(tx, campaignId);
      if (position?.owner_epoch !== ownerEpoch) return false;
      const figures = { campaign_id: campaignId, online, online_peak: next.peak, joins: next.joins };
      await upsertAll(tx, LotteryCampaignFigures, [{ ...figures, updated_at: new Date(this.clock.nowMs()) }]);
      return true;
    });
    if (isOwner) this.stored = next;
  }
}

function isSame(next: Figures, stored: Figures | undefined): boolean {
  return stored?.online === next.online && stored.peak === next.peak && stored.joins === next.joins;
}
