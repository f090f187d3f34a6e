import { LotteryCampaignVisitor } from '../../../entities/lottery/LotteryCampaignVisitor.ts';
import { LotteryStatisticsCursor } from '../../../entities/lottery/LotteryStatisticsCursor.ts';
import type { Clock } from '../../platform/clock.ts';
import { insertAll, upsertAll } from '../../platform/database/bulk.ts';
import type { Database, Tx } from '../../platform/database/transaction.ts';
import { LIMITS } from '../../platform/limits.ts';
import { lockCursor, readVisitors } from './people.ts';

/** People that one transaction writes. */
const BATCH = 500;

/**
 * Who has opened a campaign, on this node: kept in memory and written now and then, far from any draw. A crash loses the last
 * seconds; of those, whoever draws is written with their draw, and the others when they come again.
 */
export class Visitors {
  /** By campaign, who is not written yet, and when they came. */
  private waiting = new Map<number, Map<number, number>>();
  private waitingCount = 0;
  /** Who is written: they come often. */
  private readonly written = new Set<string>();
  private saving: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  note(campaignId: number, userId: number): void {
    if (this.written.has(`${campaignId} ${userId}`)) return;
    const visitors = this.waiting.get(campaignId) ?? new Map<number, number>();
    // While the database is away: they are counted when they come again.
    if (visitors.has(userId) || this.waitingCount >= LIMITS.waitingVisitors) return;
    visitors.set(userId, this.clock.nowMs());
    this.waiting.set(campaignId, visitors);
    this.waitingCount += 1;
  }

  /** Writes all who have come by now. */
  save(): Promise<void> {
    const write = () => this.write();
    this.saving = this.saving.then(write, write);
    return this.saving;
  }

  private async write(): Promise<void> {
    for (const [campaignId, visitors] of [...this.waiting]) {
      const all = [...visitors];
      for (let from = 0; from < all.length; from += BATCH) {
        const part = all.slice(from, from + BATCH);
        await this.database.retryingTransaction((tx) => this.store(tx, campaignId, part));
        for (const [userId] of part) this.forget(campaignId, userId);
      }
    }
  }

  private async store(tx: Tx, campaignId: number, came: readonly [number, number][]): Promise<void> {
    const nowMs = this.clock.nowMs();
    const cursor = await lockCursor(tx, campaignId, nowMs);
    const known = await readVisitors(
      tx,
      campaignId,
      came.map(([userId]) => userId),
    );
    const rows = came
      .filter(([userId]) => !known.has(userId))
      .map(([user_id, atMs]) => ({
        ...{ campaign_id: campaignId, user_id, first_seen_at: new Date(atMs) },
        ...{ first_day: null, has_won: false },
      }));
    await insertAll(tx, LotteryCampaignVisitor, rows);
    const visitors = cursor.visitors + rows.length;
    await upsertAll(tx, LotteryStatisticsCursor, [{ ...cursor, visitors, updated_at: new Date(nowMs) }]);
  }

  private forget(campaignId: number, userId: number): void {
    const visitors = this.waiting.get(campaignId);
    if (visitors?.delete(userId)) this.waitingCount -= 1;
    if (visitors?.size === 0) this.waiting.delete(campaignId);
    // Whoever is written again for it is found there, and not counted again.
    if (this.written.size >= LIMITS.rememberedVisitors) this.written.clear();
    this.written.add(`${campaignId} ${userId}`);
  }
}
