import { LotteryCampaignFigures } from '../../entities/LotteryCampaignFigures.ts';
import type { Clock } from '../clock.ts';
import type { Database } from '../database/transaction.ts';

/** Figures of a campaign that are not money: kept in memory and written now and then; a crash may lose the last seconds. */
export class CampaignFigures {
  private joins = 0;
  private peak = 0;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly campaignId: number,
  ) {}

  countJoins(joins: number, online: number): void {
    this.joins += joins;
    this.peak = Math.max(this.peak, online);
  }

  async save(online: number): Promise<void> {
    const joined = this.joins;
    await this.database.retryingTransaction(async ({ manager }) => {
      const known = await manager.findOneBy(LotteryCampaignFigures, { campaign_id: this.campaignId });
      await manager.save(LotteryCampaignFigures, {
        campaign_id: this.campaignId,
        online,
        online_peak: Math.max(known?.online_peak ?? 0, this.peak),
        joins: (known?.joins ?? 0) + joined,
        updated_at: new Date(this.clock.nowMs()),
      });
    });
    this.joins -= joined;
  }
}
