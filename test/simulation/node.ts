import { pino, type Logger } from 'pino';
import type { Pause } from '../../src/platform/database/pause.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import type { Actor as Caller } from '../../src/platform/caller.ts';
import { AppError } from '../../src/platform/errors.ts';
import { Campaign, type CampaignServices } from '../../src/lottery/campaign.ts';
import { uploadCoupons, type UploadServices } from '../../src/lottery/coupons/uploadCoupons.ts';
import { OwnerWatch } from '../../src/platform/actor/ownerWatch.ts';
import { InjectedFault } from './faults.ts';
import { CAMPAIGN_ID, SEED_KEY, TIMEZONE } from './fixture.ts';
import { faultOf } from './poison.ts';
import type { Random } from './random.ts';
import type { Actor, Scheduler } from './scheduler.ts';
import type { Store } from './store.ts';
import type { Trace } from './trace.ts';

export interface NodeParts {
  random: Random;
  scheduler: Scheduler;
  store: Store<Node>;
  trace: Trace;
  /** The owner says that what it shows has changed. */
  onShown(node: Node): void;
}

/**
 * One life of a server process. Killed, it is dropped as it is; its place is taken by another life. It runs the product's
 * own Campaign; only time, waiting and the way to the database are the simulation's.
 */
export class Node implements Actor {
  isAlive = true;
  isPaused = false;
  campaign: Campaign | undefined;
  /** The stock was changed behind its owner's back: until that finds out, what it holds in memory is not what is stored. */
  isDeceived = false;
  /** What it held at that moment. It may be right by chance, while a batch that has read otherwise is on its way. */
  deceivedPool: unknown;
  /** The change of the stock that a batch of its owner has met: each may be met once. */
  private metStockChange = 0;
  private clockAheadMs: number;
  private isOpening = false;
  private readonly database: Database;
  private readonly pause: Pause;

  constructor(
    readonly name: string,
    private readonly parts: NodeParts,
  ) {
    const { scheduler, random } = parts;
    this.pause = {
      turn: () => scheduler.park(this, 'a turn'),
      sleep: (durationMs) => scheduler.park(this, 'a sleep', { afterMs: durationMs }),
      random: () => random.next(),
    };
    this.clockAheadMs = random.pick([0, 0, -1_500, 2_500]);
    this.database = parts.store.databaseOf(this, this.pause);
  }

  get canOpen(): boolean {
    return !this.isPaused && !this.isOpening && this.campaign === undefined;
  }

  /** Owns the campaign, as far as it knows, or is about to, and is not stopped. */
  get isOwner(): boolean {
    return !this.isPaused && (this.isOpening || this.campaign !== undefined);
  }

  /** Claims the campaign, whoever owns it. */
  async open(): Promise<void> {
    this.isOpening = true;
    try {
      const campaign = await Campaign.open(this.services(), CAMPAIGN_ID);
      campaign.listen({
        changed: () => this.parts.onShown(this),
        statusChanged: () => this.parts.onShown(this),
        fenced: () => {
          this.parts.trace.add(`${this.name} is fenced`);
          if (this.campaign === campaign) this.campaign = undefined;
        },
      });
      this.campaign = campaign;
      this.parts.trace.add(`${this.name} owns epoch ${campaign.ownerEpoch}`);
      this.parts.onShown(this);
    } catch (error) {
      this.expect(error, 'opening');
    } finally {
      this.isOpening = false;
    }
  }

  /** Runs a call of the campaign as its room would, once the message has arrived here. */
  async call<T>(point: string, work: (campaign: Campaign) => Promise<T>): Promise<T> {
    await this.parts.scheduler.park(this, point);
    if (this.campaign === undefined) throw new AppError('MOVED');
    return work(this.campaign);
  }

  /** As its route adds codes to the pool of a prize. Returns how many there are that count. */
  async upload(upload: { prizeId: number; codes: readonly string[]; actor: Caller }): Promise<number> {
    const owners: UploadServices['owners'] = {
      addCoupons: (_key, coupons) => this.call('coupons', (campaign) => campaign.addCoupons(coupons)),
    };
    const { codes } = await uploadCoupons({ ...this.services(), owners }, upload);
    return codes;
  }

  /** Somebody sets its clock, or it sets itself: forward or back, over midnight or not. */
  stepClock(): void {
    this.clockAheadMs = this.parts.random.pick([-60_000, -3_000, -1_000, 0, 1_000, 3_000, 60_000]);
    this.parts.trace.add(`${this.name}'s clock is ${this.clockAheadMs} ms ahead`);
  }

  /** As the node does for all of its owners. */
  async checkOwner(campaign: Campaign): Promise<void> {
    await new OwnerWatch(this.database, this.logger()).check([campaign]);
  }

  /** Lets its owner finish what it has taken. */
  async close(): Promise<void> {
    await this.campaign?.close();
  }

  /** Anything but a refusal and an injected fault is a fault of the product. */
  expect(error: unknown, doing: string): void {
    if (error instanceof InjectedFault || (error instanceof AppError && error.code !== 'INTERNAL')) return;
    this.parts.trace.violate(`${this.name}: ${doing} failed: ${describe(error)}`);
  }

  /** A batch may fail by poison in it, and once by each change of the stock that its owner was not told of (DRAW-5). */
  private expectOfBatch(error: unknown): void {
    const { store, trace } = this.parts;
    const fault = faultOf(error);
    if (fault === undefined) this.expect(error, 'a batch');
    if (fault !== 'stock') return;
    if (this.metStockChange === store.stockChanges)
      trace.violate(`DRAW-5 ${this.name} decides again on stock that is not there`);
    this.metStockChange = store.stockChanges;
  }

  private services(): CampaignServices {
    return {
      database: this.database,
      clock: {
        nowMs: () => this.parts.scheduler.nowMs + this.clockAheadMs,
        monotonicMs: () => this.parts.scheduler.nowMs,
      },
      logger: this.logger(),
      seedKey: SEED_KEY,
      // What is drawn follows from the seeds: without this no run could be repeated.
      randomBytes: (size) => this.parts.random.bytes(size),
      businessTimezone: TIMEZONE,
      drawRatePerSecond: 1_000_000,
      pause: this.pause,
    };
  }

  /** What a failing batch logs is looked at instead of written: nothing else may fail it. */
  private logger(): Logger {
    const logMethod = ([first]: unknown[]) => {
      const error = (first as { err?: unknown } | undefined)?.err;
      if (error !== undefined) this.expectOfBatch(error);
    };
    return pino({ level: 'warn', hooks: { logMethod } });
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message.split('\n')[0]! : String(error);
}
