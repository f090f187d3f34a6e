import type { CampaignStatus } from '../../entities/lottery/LotteryCampaign.ts';
import type { Actor } from '../platform/caller.ts';
import type { AccessControl } from '../identity/access/accessControl.ts';
import type { Clock } from '../platform/clock.ts';
import { onceIn, type OnceResult } from '../platform/database/idempotency.ts';
import { GroupCommit, type Outcome } from '../platform/actor/groupCommit.ts';
import { isItemsFault } from '../platform/actor/itemsFault.ts';
import type { Pause } from '../platform/database/pause.ts';
import type { Database, Tx } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { LIMITS } from '../platform/limits.ts';
import type { Logger } from '../platform/logger.ts';
import { Board } from './board.ts';
import { commitDraws } from './commitDraws.ts';
import { FencedError } from '../platform/actor/fence.ts';
import { isSeedUsedUp, type DrawItem, type Winner } from './drawBatch.ts';
import { DrawRate } from './drawRate.ts';
import type { Leaderboard } from './leaderboard.ts';
import { claimCampaign, type OwnedChange } from './ownership.ts';
import { rotateSeed } from './seedRotation.ts';
import { adjustStock, type StockChange } from './stock.ts';
import { dueStatus, moveStatus } from './status.ts';
import type { DrawMessage, DrawReply, Standing } from './messages.ts';
import { loadPool, type Pool, type SeedEpoch } from './pool.ts';
import type { SeedSource } from './seeds.ts';

export interface CampaignServices extends SeedSource {
  database: Database;
  clock: Clock;
  logger: Logger;
  businessTimezone: string;
  drawRatePerSecond: number;
  pause?: Pause;
  /** Tells of users who are renamed; absent: nobody is. */
  access?: Pick<AccessControl, 'watchPersons'>;
}

export interface Diner {
  userId: number;
}

export interface StockAdjustment extends StockChange {
  /** Whose idempotency key it is as well. */
  actor: Actor;
  key: string;
}

/** What the owner's room is told. */
export interface CampaignListener {
  /** Committed values have changed. */
  changed(): void;
  statusChanged(status: CampaignStatus): void;
  /** Another owner has taken over; this one has stopped. */
  fenced(): void;
}

/*
 * A campaign's owner: the one place where its draws are decided (DRAW-1).
 *
 * It holds the pool as of the last commit. Draws, seed rotations, status and stock changes all pass one queue, each in a
 * transaction that checks the owner's epoch on the locked campaign row; the pool is swapped after COMMIT. So whoever reads
 * `pool`, `leaderboard` or `recentWinners` sees committed values only (DRAW-2).
 *
 * States: live → closed (closed by its room, or fenced by a newer owner).
 */
export class Campaign {
  private pool_: Pool;
  private readonly queue: GroupCommit<DrawItem, DrawReply>;
  private readonly rate: DrawRate;
  private listener: CampaignListener | undefined;
  private isFenced = false;
  /** Since when this owner has had the seed in use, in time that passes. */
  private seedSince = { epoch: 0, monotonicMs: 0 };
  /** A commit has failed, so the pool may not be what is stored; nothing is decided on it before it is read anew. */
  private isPoolInDoubt = false;
  /** The last error of a batch's work, if the batch brought it about; BEGIN and COMMIT fail by trouble of the infrastructure. */
  private itemsFault: unknown;

  /** Claims the campaign for this process and reads its pool. @throws AppError NOT_FOUND, CAMPAIGN_NOT_ACTIVE for a draft. */
  static async open(services: CampaignServices, campaignId: number): Promise<Campaign> {
    const { database, clock, seedKey, randomBytes } = services;
    const { pool, ownerEpoch } = await database.retryingTransaction((tx) =>
      claimCampaign(tx, { campaignId, seedKey, randomBytes, nowMs: clock.nowMs() }),
    );
    return new Campaign(services, ownerEpoch, pool, await Board.open(services, pool));
  }

  private constructor(
    private readonly services: CampaignServices,
    readonly ownerEpoch: number,
    pool: Pool,
    private readonly board: Board,
  ) {
    this.pool_ = pool;
    this.rate = new DrawRate(services.drawRatePerSecond);
    this.queue = new GroupCommit({
      maxQueued: LIMITS.queuedDrawRequests,
      maxBatchWeight: LIMITS.drawsPerBatch,
      weightOf: (item) => item.drawCount,
      commit: (items) => this.commitBatch(items),
      isFinal: isFencedOff,
      isItemsFault: (error) => error === this.itemsFault,
      onError: (error, attempt) => this.onCommitError(error, attempt),
      pause: services.pause,
    });
  }

  listen(listener: CampaignListener): void {
    this.listener = listener;
  }

  get campaignId(): number {
    return this.pool_.campaignId;
  }

  /** Nothing is drawn any more. */
  get isOver(): boolean {
    return this.pool_.status === 'ended' || this.pool_.status === 'archived';
  }

  /** Requests that wait to be drawn. */
  get queued(): number {
    return this.queue.queued;
  }

  get pool(): Readonly<Pool> {
    return this.pool_;
  }

  get leaderboard(): Leaderboard {
    return this.board.leaderboard;
  }

  /** The last winners, newest first. */
  get recentWinners(): readonly Winner[] {
    return this.board.recentWinners;
  }

  /** Draws for a diner; settles once the result is committed, or refused, or given up as BUSY or MOVED. */
  async draw(diner: Diner, message: DrawMessage): Promise<DrawReply> {
    this.rate.take(diner.userId, this.services.clock.monotonicMs());
    return this.queue.submit({
      userId: diner.userId,
      requestId: message.request_id,
      drawCount: message.draw_count,
      clientSeed: message.client_seed ?? String(diner.userId),
    });
  }

  /** A diner's own standing. @throws AppError NOT_FOUND, BUSY */
  standingOf(userId: number): Promise<Standing> {
    return this.board.standingOf(userId, this.pool_);
  }

  /** Starts or ends the campaign when its time has come, and rotates the seed when it has served its time. */
  async followClock(): Promise<void> {
    if (this.dueNow() === undefined) return;
    await this.queue.runExclusive(async () => {
      // Behind a batch, or what an operator asked for, it may have been done already.
      const due = this.dueNow();
      if (due === 'seed') await this.rotateNow();
      else if (due !== undefined) await this.setStatusNow(due);
    });
  }

  private dueNow(): CampaignStatus | 'seed' | undefined {
    const nowMs = this.services.clock.nowMs();
    return dueStatus(this.pool_, nowMs) ?? (this.seedIsDue(nowMs) ? 'seed' : undefined);
  }

  /**
   * Shows renamed users by the names they have now. Between two batches: one that has read the old name is done, and the next
   * reads the new one.
   */
  async followNames(): Promise<void> {
    if (!this.board.hasRenamed) return;
    await this.queue.runExclusive(async () => {
      if (await this.board.followNames()) this.listener?.changed();
    });
  }

  /** Told of the epoch of the campaign's latest owner: when it is another one, this one stops (DRAW-1). */
  noticeEpoch(epoch: number): void {
    if (epoch !== this.ownerEpoch) this.stopFenced();
  }

  /** Reveals the seed in use and commits to the next one. */
  async rotateSeed(actor?: Actor): Promise<void> {
    await this.queue.runExclusive(() => this.rotateNow(actor));
  }

  /** @throws AppError CONFLICT when the present status does not lead there. */
  async setStatus(status: CampaignStatus, actor?: Actor): Promise<void> {
    await this.queue.runExclusive(() => this.setStatusNow(status, actor));
  }

  /**
   * Adds stock to a prize or takes it away, once per idempotency key. Returns what remains.
   * @throws AppError NOT_FOUND, CONFLICT below zero or for unlimited stock, IDEMPOTENCY_KEY_REUSED.
   */
  async adjustStock({ prizeId, delta, actor, key }: StockAdjustment): Promise<OnceResult<number>> {
    const request = { prizeId, delta };
    const call = { userId: actor.userId, key, request, nowMs: this.services.clock.nowMs() };
    return this.queue.runExclusive(() =>
      this.change((tx, change) => onceIn(tx, call, () => adjustStock(tx, { ...change, actor }, request))),
    );
  }

  /** Lets queued draws finish and stops. */
  async close(): Promise<void> {
    this.board.close();
    await this.queue.close();
  }

  private async commitBatch(items: readonly DrawItem[]): Promise<Outcome<DrawReply>[]> {
    const outcomes = await this.commitWithSeed(items);
    // Only a pool that was read anew can have shown by then that its seed is used up.
    return outcomes.length > 0 ? outcomes : this.commitWithSeed(items);
  }

  /** Returns no outcome when the seed that is read with the pool has served its draws. */
  private async commitWithSeed(items: readonly DrawItem[]): Promise<Outcome<DrawReply>[]> {
    const { database, clock, businessTimezone, seedKey } = this.services;
    if (isSeedUsedUp(this.pool_)) await this.rotateNow();
    const committed = await database.transaction(
      (tx) =>
        commitDraws(tx, {
          pool: this.pool_,
          isPoolInDoubt: this.isPoolInDoubt,
          ownerEpoch: this.ownerEpoch,
          items,
          nowMs: clock.nowMs(),
          timezone: businessTimezone,
          seedKey,
        }).catch((error: unknown) => {
          if (isItemsFault(error)) this.itemsFault = error;
          throw error;
        }),
      { isOwner: true },
    );
    this.pool_ = committed.pool;
    this.isPoolInDoubt = false;
    await this.board.follow(committed, this.pool_);
    this.listener?.changed();
    return committed.outcomes;
  }

  private async setStatusNow(status: CampaignStatus, actor?: Actor): Promise<void> {
    if (this.pool_.status === status) return;
    await this.change((tx, change) => moveStatus(tx, { ...change, actor }, status));
    this.listener?.statusChanged(this.pool_.status);
  }

  private async rotateNow(actor?: Actor): Promise<void> {
    // Queued behind a batch, a rotation may find the campaign ended and its last seed revealed already.
    if (this.isOver) return;
    await this.change((tx, change) => rotateSeed(tx, { ...change, actor }));
  }

  /** One transaction of the owner, after which the pool is read as the transaction left it. */
  private async change<T>(work: (tx: Tx, change: OwnedChange) => Promise<T>): Promise<T> {
    const { database, clock, seedKey, randomBytes } = this.services;
    const { campaignId } = this.pool_;
    const owned = { campaignId, ownerEpoch: this.ownerEpoch, seedKey, randomBytes };
    try {
      const { result, pool } = await database.retryingTransaction(
        async (tx) => ({
          result: await work(tx, { ...owned, nowMs: clock.nowMs() }),
          pool: await loadPool(tx, campaignId, seedKey),
        }),
        undefined,
        { isOwner: true },
      );
      this.pool_ = pool;
      this.isPoolInDoubt = false;
      this.listener?.changed();
      return result;
    } catch (error) {
      if (!(error instanceof FencedError)) throw error;
      this.stopFenced();
      throw new AppError('MOVED', { cause: error });
    }
  }

  private seedIsDue(nowMs: number): boolean {
    const { status, rotationMs, seed, drawNo } = this.pool_;
    if (status !== 'active' || drawNo < seed.fromDrawNo) return false;
    return isSeedUsedUp(this.pool_) || (rotationMs !== null && this.seedServedMs(seed, nowMs) >= rotationMs);
  }

  /** The clock that committed to the seed may have been ahead of this one by any time: then what has passed here counts. */
  private seedServedMs({ epoch, committedAtMs }: SeedEpoch, nowMs: number): number {
    const monotonicMs = this.services.clock.monotonicMs();
    if (this.seedSince.epoch !== epoch) this.seedSince = { epoch, monotonicMs };
    return Math.max(nowMs - committedAtMs, monotonicMs - this.seedSince.monotonicMs);
  }

  private onCommitError(error: unknown, attempt: number): void {
    const { campaignId } = this.pool_;
    if (isFencedOff(error)) {
      this.stopFenced();
      return;
    }
    this.isPoolInDoubt = true;
    this.board.doubt();
    this.services.logger.warn({ err: error, campaignId, attempt }, 'a draw batch failed and was rolled back');
  }

  private stopFenced(): void {
    if (this.isFenced) return;
    this.isFenced = true;
    this.board.close();
    void this.queue.close();
    const { campaignId } = this.pool_;
    this.services.logger.warn({ campaignId, ownerEpoch: this.ownerEpoch }, 'the campaign has another owner');
    this.listener?.fenced();
  }
}

/** By a batch's own check of the epoch, or by that of the rotation before it. */
function isFencedOff(error: unknown): boolean {
  return error instanceof FencedError || (error instanceof AppError && error.code === 'MOVED');
}
