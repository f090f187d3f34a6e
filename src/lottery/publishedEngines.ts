import { LotteryFairnessEntry } from '../../entities/lottery/LotteryFairnessEntry.ts';
import { DrawEngine } from '../draw/engine.ts';
import type { DrawConfig } from '../draw/odds.ts';
import type { Database } from '../platform/database/transaction.ts';
import { LIMITS } from '../platform/limits.ts';

export interface PublishedEngine {
  engine: DrawEngine;
  tableVersion: number;
}

/** Engines of published configurations for whoever asks for odds without the owner. A version that is published never changes. */
export class PublishedEngines {
  /** By campaign, the one asked for last behind the others. */
  private readonly known = new Map<number, PublishedEngine>();

  constructor(private readonly database: Database) {}

  /** @param tableVersion as the campaign's row has it. @returns undefined before the campaign is first published. */
  async engineOf(campaignId: number, tableVersion: number): Promise<PublishedEngine | undefined> {
    const known = this.known.get(campaignId);
    const published = known?.tableVersion === tableVersion ? known : await this.read(campaignId);
    if (published === undefined) return undefined;
    this.known.delete(campaignId);
    this.known.set(campaignId, published);
    const [oldest] = this.known.keys();
    if (this.known.size > LIMITS.keptEngines) this.known.delete(oldest!);
    return published;
  }

  private async read(campaignId: number): Promise<PublishedEngine | undefined> {
    const entry = await this.database.reader.findOne(LotteryFairnessEntry, {
      where: { campaign_id: campaignId, kind: 'config' },
      order: { log_no: 'DESC' },
    });
    if (entry === null) return undefined;
    const payload = JSON.parse(entry.payload) as { table_version: number; config: DrawConfig };
    return { engine: new DrawEngine(payload.config), tableVersion: payload.table_version };
  }
}
