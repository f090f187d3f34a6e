import type { CampaignStatus } from '../../entities/lottery/LotteryCampaign.ts';
import type { Actor } from '../platform/caller.ts';
import type { AccessControl } from '../identity/access/accessControl.ts';
import type { Clock } from '../platform/clock.ts';
import { onceIn, type OnceResult } from '../platform/database/idempotency.ts';
import { endPhase } from '../platform/actor/batchTimes.ts';
import type { Outcome } from '../platform/actor/groupCommit.ts';
import { Owner, type OwnerListener, type OwnerServices } from '../platform/actor/owner.ts';
import type { WatchedOwner } from '../platform/actor/ownerWatch.ts';
import type { Tx } from '../platform/database/transaction.ts';
import { LIMITS } from '../platform/limits.ts';
import { measuredDraws } from '../platform/measured.ts';
import type { Decision } from '../approvals/approvals.ts';
import { Board } from './board.ts';
import { commitDraws } from './commitDraws.ts';
import type { Winner } from './drawBatch.ts';
import type { DrawItem } from './drawRequests.ts';
import { DinerRates } from './drawRate.ts';
import type { Leaderboard } from './leaderboard.ts';
import { claimCampaign, type OwnedChange } from './ownership.ts';
import { addCoupons, type AddedCoupons } from './coupons/addCoupons.ts';
import { campaignParties } from './manage/campaignParties.ts';
import { applyChange } from './manage/changes.ts';
import { rotateSeed } from './seedRotation.ts';
import { expirePrizes } from './expirePrizes.ts';
import { adjustStock, type StockChange } from './stock.ts';
import { dueStatus, isOverStatus, moveStatus } from './status.ts';
import type { DrawMessage, DrawReply, Odds, Standing } from './messages.ts';
import { isSeedUsedUp, loadPool, type Pool, type SeedEpoch } from './pool.ts';
import type { SeedSource } from './seeds.ts';

export interface CampaignServices extends SeedSource, OwnerServices {
  clock: Clock;
  businessTimezone: string;
  drawRatePerSecond: number;
  /** Of points that are won; absent: they have no end. */
  pointsLifetimeDays?: number;
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

/** A change that a second person agrees to. */
export interface AgreedChange extends Decision {
  breakGlassMs: number;
  /** Of this call: its transaction may be done again. */
  key: string;
}

/** What the owner's room is told. */
export interface CampaignListener extends OwnerListener {
  statusChanged(status: CampaignStatus): void;
}

/*
 * A campaign's owner: the one place where its draws are decided (DRAW-1).
 *
 * Its state is the pool as of the last commit. Draws, seed rotations, status and stock changes all pass the owner's queue; whoever
 * reads `pool`, `leaderboard` or `recentWinners` sees committed values only (DRAW-2).
 */
export class Campaign implements WatchedOwner {
  readonly epochs =
    'SELECT campaign_id AS owned, owner_epoch AS epoch FROM lottery_campaigns WHERE campaign_id IN (?)';
  private readonly owner: Owner<Pool, DrawItem, DrawReply>;
  private readonly rates = new DinerRates();
  private listener: CampaignListener | undefined;
  /** Since when this owner has had the seed in use, in time that passes. */
  private seedSince = { epoch: 0, monotonicMs: 0 };

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
    epoch: number,
    pool: Pool,
    private readonly board: Board,
  ) {
    this.owner = new Owner(services, {
      owned: `campaign ${pool.campaignId}`,
      kind: 'draws',
      epoch,
      state: pool,
      maxQueued: LIMITS.queuedDrawRequests,
      maxBatchWeight: LIMITS.drawsPerBatch,
      weightOf: (item) => item.drawCount,
      commitItems: (items) => this.commitBatch(items),
      read: (tx) => loadPool(tx, pool.campaignId, services.seedKey),
      onDoubt: () => board.doubt(),
    });
    this.owner.listen({
      changed: () => this.listener?.changed(),
      fenced: () => {
        board.close();
        this.listener?.fenced();
      },
    });
  }

  listen(listener: CampaignListener): void {
    this.listener = listener;
  }

  get campaignId(): number {
    return this.pool.campaignId;
  }

  get key(): number {
    return this.campaignId;
  }

  get ownerEpoch(): number {
    return this.owner.epoch;
  }

  /** Nothing is drawn any more. */
  get isOver(): boolean {
    return isOverStatus(this.pool.status);
  }

  /** Requests that wait to be drawn. */
  get queued(): number {
    return this.owner.queued;
  }

  get pool(): Readonly<Pool> {
    return this.owner.state;
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
    const { clock, drawRatePerSecond: requestsPerSecond } = this.services;
    const perSecond = { requestsPerSecond, drawsPerSecond: this.pool.drawsPerSecond };
    this.rates.take({ ...diner, drawCount: message.draw_count }, clock.monotonicMs(), perSecond);
    return this.owner.submit({
      userId: diner.userId,
      requestId: message.request_id,
      drawCount: message.draw_count,
      clientSeed: message.client_seed ?? String(diner.userId),
    });
  }

  /** A diner's own standing. @throws AppError NOT_FOUND, BUSY */
  standingOf(userId: number): Promise<Standing> {
    return this.board.standingOf(userId, this.pool);
  }

  /** What a diner's next draw may win. @throws AppError NOT_FOUND, BUSY */
  oddsOf(userId: number): Promise<Odds> {
    return this.board.oddsOf(userId, this.pool);
  }

  /** Starts or ends the campaign when its time has come, and rotates the seed when it has served its time. */
  async followClock(): Promise<void> {
    if (this.dueNow() === undefined) return;
    await this.owner.runExclusive(async () => {
      // Behind a batch, or what an operator asked for, it may have been done already.
      const due = this.dueNow();
      if (due === 'seed') await this.rotateNow();
      else if (due !== undefined) await this.setStatusNow(due);
    });
  }

  private dueNow(): CampaignStatus | 'seed' | undefined {
    const nowMs = this.services.clock.nowMs();
    return dueStatus(this.pool, nowMs) ?? (this.seedIsDue(nowMs) ? 'seed' : undefined);
  }

  /**
   * Shows renamed users by the names they have now. Between two batches: one that has read the old name is done, and the next
   * reads the new one.
   */
  async followNames(): Promise<void> {
    if (!this.board.hasRenamed) return;
    await this.owner.runExclusive(async () => {
      if (await this.board.followNames()) this.owner.tellChanged();
    });
  }

  noticeEpoch(epoch: number): void {
    this.owner.noticeEpoch(epoch);
  }

  /** Reveals the seed in use and commits to the next one. */
  async rotateSeed(actor?: Actor): Promise<void> {
    await this.owner.runExclusive(() => this.rotateNow(actor));
  }

  /** @throws AppError CONFLICT when the present status does not lead there. */
  async setStatus(status: CampaignStatus, actor?: Actor): Promise<void> {
    await this.owner.runExclusive(() => this.setStatusNow(status, actor));
  }

  /**
   * Adds stock to a prize or takes it away, once per idempotency key. Returns what remains.
   * @throws AppError NOT_FOUND, CONFLICT below zero or for unlimited stock, IDEMPOTENCY_KEY_REUSED.
   */
  async adjustStock({ prizeId, delta, actor, key }: StockAdjustment): Promise<OnceResult<number>> {
    const request = { prizeId, delta };
    const call = { userId: actor.userId, key, request, nowMs: this.services.clock.nowMs() };
    return this.owner.runExclusive(() =>
      this.change((tx, change) => onceIn(tx, call, () => adjustStock(tx, { ...change, actor }, request))),
    );
  }

  /** Lets the codes count that are stored of a prize's pool. Returns how many there are. @throws AppError NOT_FOUND, CONFLICT */
  async addCoupons({ actor, ...coupons }: AddedCoupons & { actor: Actor }): Promise<number> {
    return this.owner.runExclusive(() =>
      this.change((tx, change) => addCoupons(tx, { ...change, actor }, coupons)),
    );
  }

  /** Ends what was won and not claimed in its time. @returns how many of the items */
  async expirePrizes(itemIds: readonly number[]): Promise<number> {
    return this.owner.runExclusive(() => this.change((tx, change) => expirePrizes(tx, change, itemIds)));
  }

  /** Makes a change of the configuration. @throws AppError as `applyChange` */
  async applyChange({ key, breakGlassMs, ...decision }: AgreedChange): Promise<void> {
    const parties = campaignParties(this.campaignId, breakGlassMs);
    const { approvalId, actor } = decision;
    const call = { userId: actor.userId, key, request: { approvalId }, nowMs: this.services.clock.nowMs() };
    await this.owner.runExclusive(() =>
      this.change((tx, change) =>
        onceIn(tx, call, async () => {
          await applyChange(tx, change, { decision, parties });
          return null;
        }),
      ),
    );
  }

  /** Lets queued draws finish and stops. */
  async close(): Promise<void> {
    this.board.close();
    await this.owner.close();
  }

  private async commitBatch(items: readonly DrawItem[]): Promise<Outcome<DrawReply>[]> {
    const outcomes = await this.commitWithSeed(items);
    // Only a pool that was read anew can have shown by then that its seed is used up.
    return outcomes.length > 0 ? outcomes : this.commitWithSeed(items);
  }

  /** Returns no outcome when the seed that is read with the pool has served its draws. */
  private async commitWithSeed(items: readonly DrawItem[]): Promise<Outcome<DrawReply>[]> {
    const { clock, seedKey, businessTimezone, pointsLifetimeDays = 0 } = this.services;
    if (isSeedUsedUp(this.pool)) await this.rotateNow();
    const committed = await this.owner.commit((tx, { state: pool, isInDoubt: isPoolInDoubt }) =>
      commitDraws(tx, {
        pool,
        isPoolInDoubt,
        ownerEpoch: this.ownerEpoch,
        items,
        nowMs: clock.nowMs(),
        seedKey,
        lifetime: { pointsLifetimeDays, businessTimezone },
      }),
    );
    endPhase(items, 'commit');
    measuredDraws.tell({ draws: committed.draws, wins: committed.winners.length });
    await this.board.follow(committed, this.pool);
    this.owner.tellChanged();
    return committed.outcomes;
  }

  private async setStatusNow(status: CampaignStatus, actor?: Actor): Promise<void> {
    if (this.pool.status === status) return;
    await this.change((tx, change) => moveStatus(tx, { ...change, actor }, status));
    this.listener?.statusChanged(this.pool.status);
  }

  private async rotateNow(actor?: Actor): Promise<void> {
    // Queued behind a batch, a rotation may find the campaign ended and its last seed revealed already.
    if (this.isOver) return;
    await this.change((tx, change) => rotateSeed(tx, { ...change, actor }));
  }

  private change<T>(work: (tx: Tx, change: OwnedChange) => Promise<T>): Promise<T> {
    const { clock, seedKey, randomBytes } = this.services;
    const owned = { campaignId: this.campaignId, ownerEpoch: this.ownerEpoch, seedKey, randomBytes };
    return this.owner.change((tx) => work(tx, { ...owned, nowMs: clock.nowMs() }));
  }

  private seedIsDue(nowMs: number): boolean {
    const { status, rotationMs, seed, drawNo } = this.pool;
    if (status !== 'active' || drawNo < seed.fromDrawNo) return false;
    return isSeedUsedUp(this.pool) || (rotationMs !== null && this.seedServedMs(seed, nowMs) >= rotationMs);
  }

  /** The clock that committed to the seed may have been ahead of this one by any time: then what has passed here counts. */
  private seedServedMs({ epoch, committedAtMs }: SeedEpoch, nowMs: number): number {
    const monotonicMs = this.services.clock.monotonicMs();
    if (this.seedSince.epoch !== epoch) this.seedSince = { epoch, monotonicMs };
    return Math.max(nowMs - committedAtMs, monotonicMs - this.seedSince.monotonicMs);
  }
}
