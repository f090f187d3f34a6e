import { setTimeout as sleep } from 'node:timers/promises';
import { guestsAmong, readLiveFigures } from '../lottery/liveFigures.ts';
import type { Database } from '../platform/database/transaction.ts';
import { asAppError } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import type { Sync } from '../platform/sync.ts';

/** Of one campaign nothing is told more often. */
const EVERY_MS = 1000;
/** Who of those here has become a guest is asked for no more often. */
const ASKED_MS = 3000;
/** People of one question. */
const ASKED = 1000;

interface Guests {
  userIds: Set<number>;
  askedAtMs: number;
}

export interface FiguresServices {
  database: Database;
  logger: Logger;
  /** Who is here. */
  present(): number[];
  tell(userId: number, sync: Sync): void;
}

/**
 * Stock and leaders of campaigns for the guests who are here: however fast people draw, a campaign is read once a second by a node
 * where somebody of them is, after the change that it is read for.
 */
export class FiguresSync {
  private readonly changed = new Set<number>();
  private readonly guests = new Map<number, Guests>();
  private working: Promise<void> | undefined;

  constructor(private readonly services: FiguresServices) {}

  note(campaignId: number): void {
    this.changed.add(campaignId);
    this.working ??= this.work().finally(() => {
      this.working = undefined;
      this.guests.clear();
    });
  }

  private async work(): Promise<void> {
    const { logger } = this.services;
    while (this.changed.size > 0) {
      const campaignIds = [...this.changed];
      this.changed.clear();
      for (const campaignId of campaignIds)
        await this.show(campaignId).catch((error: unknown) => {
          logger.warn({ err: error, campaignId }, 'the figures of a campaign could not be told');
          // What the database refuses to say now it says later; what is not there stays so.
          if (asAppError(error).code !== 'NOT_FOUND') this.changed.add(campaignId);
        });
      await sleep(EVERY_MS, undefined, { ref: false });
    }
  }

  private async show(campaignId: number): Promise<void> {
    const { database, present, tell } = this.services;
    const guests = await this.guestsOf(campaignId);
    const here = present().filter((userId) => guests.has(userId));
    if (here.length === 0) return;
    const { prizes, leaders } = await readLiveFigures(database, campaignId);
    const to = { guestsOf: campaignId };
    for (const userId of here) {
      tell(userId, { to, entity: 'stock', id: campaignId, change: { prizes } });
      tell(userId, { to, entity: 'leaderboard', id: campaignId, change: { leaders } });
    }
  }

  private async guestsOf(campaignId: number): Promise<ReadonlySet<number>> {
    const { database, present } = this.services;
    const known = this.guests.get(campaignId);
    const nowMs = performance.now();
    if (known !== undefined && nowMs - known.askedAtMs < ASKED_MS) return known.userIds;
    const userIds = known?.userIds ?? new Set();
    const unknown = present().filter((userId) => !userIds.has(userId));
    for (let from = 0; from < unknown.length; from += ASKED)
      for (const userId of await guestsAmong(database, campaignId, unknown.slice(from, from + ASKED)))
        userIds.add(userId);
    this.guests.set(campaignId, { userIds, askedAtMs: nowMs });
    return userIds;
  }
}
