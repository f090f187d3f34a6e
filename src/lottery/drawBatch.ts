import { AppError } from '../platform/errors.ts';
import type { NewEvent } from '../platform/events/outbox.ts';
import type { LedgerEntry, LockedAccount } from '../points/ledger.ts';
import { chainHash } from '../draw/fairness.ts';
import { levelBonusOf, periodBonusOf, pityBonusOf } from '../draw/odds.ts';
import type { Score } from './leaderboard.ts';
import type { DrawReply } from './messages.ts';
import type { Pool, PoolPrize } from './pool.ts';
import { toDrawReply } from './reply.ts';
import { nodeSha256 } from './sha256.ts';
import type { Counter } from './counters.ts';
import type { WonItem } from '../inventory/wonItems.ts';
import type { DrawRow, StoredDraw } from './drawRows.ts';
import type { RequestRow } from './drawRequests.ts';
import { drawIdOf } from './drawIds.ts';

/** One request to draw, as the queue holds it. */
export interface DrawItem {
  userId: number;
  requestId: string;
  drawCount: number;
  clientSeed: string;
}

export interface Winner {
  drawNo: number;
  userId: number;
  nickname: string;
  prizeName: string;
  atMs: number;
}

export interface BatchStart {
  pool: Pool;
  nowMs: number;
  businessDay: string;
  accounts: Map<number, LockedAccount>;
  counters: readonly Counter[];
  nicknames: ReadonlyMap<number, string>;
}

/**
 * Decides the requests of one batch, one after the other, on a working copy of the pool, and gathers every row that the
 * decisions call for. Does no input or output: the caller stores all of it or drops all of it.
 */
export class DrawBatch {
  readonly nextPool: Pool;
  readonly accounts: Map<number, LockedAccount>;
  readonly requests: RequestRow[] = [];
  readonly draws: DrawRow[] = [];
  readonly ledgerEntries: LedgerEntry[] = [];
  readonly items: WonItem[] = [];
  readonly events: NewEvent[] = [];
  readonly winners: Winner[] = [];
  /** Prizes given by this batch: prize id → count. */
  readonly won = new Map<number, number>();
  private readonly nowMs: number;
  private readonly businessDay: string;
  private readonly periodBp: number;
  private readonly counters: Map<number, Counter>;
  private readonly nicknames: ReadonlyMap<number, string>;
  private readonly changed = new Map<number, Counter>();
  /** Available points with this batch's debits and credits, in 1/100 point. */
  private readonly available: Map<number, number>;
  private readonly answers = new Map<DrawItem, { request: RequestRow; draws: StoredDraw[] }>();

  constructor({ pool, nowMs, businessDay, accounts, counters, nicknames }: BatchStart) {
    this.nextPool = { ...pool, stock: new Map(pool.stock) };
    this.nowMs = nowMs;
    this.businessDay = businessDay;
    this.periodBp = periodBonusOf(pool.engine.config, nowMs);
    this.accounts = accounts;
    this.available = new Map(
      [...accounts.values()].map((account) => [account.userId, account.availableHundredths]),
    );
    this.nicknames = nicknames;
    this.counters = new Map(counters.map((counter) => [counter.userId, { ...counter }]));
  }

  get changedCounters(): Counter[] {
    return [...this.changed.values()];
  }

  get scores(): Score[] {
    return [...this.changed.values()].map((counter) => ({
      userId: counter.userId,
      nickname: this.nicknameOf(counter.userId),
      draws: counter.draws,
      wins: counter.wins,
      prizeValue: counter.prizeValue,
      firstDrawNo: counter.firstDrawNo,
    }));
  }

  /**
   * Decides all draws of a request; undefined when the seed has served its draws: the request waits for the next one's
   * commitment to be published. A refusal needs no seed, so where no next one will come nobody waits for it.
   * @throws AppError when it is refused; then it has changed nothing.
   */
  decide(item: DrawItem): DrawReply | undefined {
    const { nextPool: pool } = this;
    const account = this.accounts.get(item.userId);
    if (account === undefined) throw new AppError('NOT_FOUND');
    const counter = this.counterOf(item.userId);
    const cost = pool.costPerDraw * item.drawCount;
    this.refuseUnlessAllowed(item, counter, cost);
    if (isSeedUsedUp(pool)) return undefined;

    if (counter.draws === 0) pool.participants += 1;
    this.available.set(item.userId, this.availableOf(item.userId) - cost);
    const firstDrawNo = pool.drawNo + 1;
    this.ledgerEntries.push({
      userId: item.userId,
      type: 'lottery_draw',
      amountHundredths: -cost,
      source: 'lottery',
      reason: pool.name,
      relatedId: String(drawIdOf(pool.campaignId, firstDrawNo)),
    });
    const levelBp = levelBonusOf(pool.engine.config, account.level);
    const draws = Array.from({ length: item.drawCount }, () => this.drawOnce(item, counter, levelBp));
    if (pool.remainingDraws !== null) pool.remainingDraws -= item.drawCount;
    counter.drawsToday += item.drawCount;
    this.counters.set(item.userId, counter);
    this.changed.set(item.userId, counter);
    return this.answer(item, counter, firstDrawNo, draws);
  }

  /** What was answered to a request of this batch, for a repeat of it in the same batch. */
  answerTo(item: DrawItem): { request: RequestRow; draws: StoredDraw[] } {
    const answer = this.answers.get(item);
    if (answer === undefined) throw new Error('The request was not decided in this batch');
    return answer;
  }

  private refuseUnlessAllowed(item: DrawItem, counter: Counter, cost: number): void {
    const { nextPool: pool, nowMs } = this;
    // What has been drawn from has started, whatever a clock says that is behind the one that started it.
    const hasStarted = pool.drawNo > 0 || nowMs >= pool.startsAtMs;
    if (pool.status !== 'active' || !hasStarted || nowMs >= pool.endsAtMs) {
      throw new AppError('CAMPAIGN_NOT_ACTIVE', { details: { status: pool.status } });
    }
    if (pool.remainingDraws !== null && pool.remainingDraws < item.drawCount) {
      throw new AppError('DRAW_LIMIT_REACHED', { details: { remaining_draws: pool.remainingDraws } });
    }
    const leftToday = this.leftTodayOf(counter);
    if (leftToday !== null && leftToday < item.drawCount) {
      throw new AppError('DRAW_LIMIT_REACHED', { details: { draws_left_today: leftToday } });
    }
    const available = this.availableOf(item.userId);
    if (available < cost) {
      throw new AppError('POINTS_INSUFFICIENT', {
        details: { available: available / 100, required: cost / 100 },
      });
    }
  }

  private drawOnce(item: DrawItem, counter: Counter, levelBp: number): StoredDraw {
    const { nextPool: pool } = this;
    const drawNo = ++pool.drawNo;
    const logNo = ++pool.logNo;
    const streakBefore = counter.streak;
    const { config } = pool.engine;
    const bonuses = {
      level_bp: levelBp,
      period_bp: this.periodBp,
      pity_bp: pityBonusOf(config, streakBefore),
    };
    const { userId, clientSeed } = item;
    const roll = pool.seed.roller.roll({ campaignId: pool.campaignId, drawNo, userId, clientSeed });
    const { rolled, prizeId, isGuarantee } = pool.engine.decide({
      roll,
      bonuses,
      streak: streakBefore,
      stock: pool.stock,
    });
    pool.chainHead = chainHash(
      pool.chainHead,
      {
        kind: 'draw',
        draw_no: drawNo,
        user_id: userId,
        client_seed: clientSeed,
        epoch: pool.seed.epoch,
        table_version: pool.tableVersion,
        ...bonuses,
        streak_before: streakBefore,
        roll,
        prize_id: prizeId,
        is_guarantee: isGuarantee,
      },
      nodeSha256,
    );
    this.draws.push({
      drawNo,
      logNo,
      userId,
      requestId: item.requestId,
      clientSeed,
      epoch: pool.seed.epoch,
      tableVersion: pool.tableVersion,
      levelBp,
      periodBp: this.periodBp,
      pityBp: bonuses.pity_bp,
      streakBefore,
      roll,
      intervalFrom: rolled.from,
      intervalTo: rolled.to,
      rolledPrizeId: rolled.prizeId,
      prizeId,
      isGuarantee,
      chainHash: pool.chainHead,
    });
    this.count(item, counter, drawNo, prizeId);
    return {
      userId,
      requestId: item.requestId,
      drawNo,
      clientSeed,
      roll,
      intervalFrom: rolled.from,
      intervalTo: rolled.to,
      prizeId,
      isGuarantee,
      pointsCost: pool.costPerDraw,
      serverSeedHash: pool.seed.serverSeedHash,
    };
  }

  private count(item: DrawItem, counter: Counter, drawNo: number, prizeId: number | null): void {
    if (counter.draws === 0) counter.firstDrawNo = drawNo;
    counter.draws += 1;
    if (prizeId === null) {
      counter.streak += 1;
      return;
    }
    const prize = this.prizeOf(prizeId);
    counter.streak = 0;
    counter.wins += 1;
    counter.prizeValue += prize.value;
    this.won.set(prizeId, (this.won.get(prizeId) ?? 0) + 1);
    this.winners.push({
      drawNo,
      userId: item.userId,
      nickname: this.nicknameOf(item.userId),
      prizeName: prize.name,
      atMs: this.nowMs,
    });
    this.give(item, drawNo, prize);
  }

  /** Points are credited at once, anything else becomes an item of the winner's inventory (DRAW-8). */
  private give({ userId }: DrawItem, drawNo: number, prize: PoolPrize): void {
    if (prize.type !== 'points') {
      this.items.push({
        userId,
        drawId: drawIdOf(this.nextPool.campaignId, drawNo),
        prizeId: prize.prizeId,
        type: prize.type,
        name: prize.name,
        value: prize.value,
      });
      return;
    }
    this.available.set(userId, this.availableOf(userId) + prize.value);
    this.ledgerEntries.push({
      userId,
      type: 'lottery_prize',
      amountHundredths: prize.value,
      source: 'lottery',
      reason: prize.name,
      relatedId: String(drawIdOf(this.nextPool.campaignId, drawNo)),
    });
  }

  private answer(item: DrawItem, counter: Counter, firstDrawNo: number, draws: StoredDraw[]): DrawReply {
    const { nextPool: pool } = this;
    const request: RequestRow = {
      userId: item.userId,
      requestId: item.requestId,
      drawCount: item.drawCount,
      clientSeed: item.clientSeed,
      firstDrawNo,
      balanceAfter: this.availableOf(item.userId),
      streakAfter: counter.streak,
      guaranteeIn: pool.engine.guaranteeIn(counter.streak),
      drawsLeftToday: this.leftTodayOf(counter),
    };
    this.requests.push(request);
    this.answers.set(item, { request, draws });
    this.events.push({
      type: 'lottery:draw_completed',
      userId: item.userId,
      data: {
        campaign_id: pool.campaignId,
        user_id: item.userId,
        request_id: item.requestId,
        draws: draws.map((draw) => ({
          draw_id: drawIdOf(pool.campaignId, draw.drawNo),
          prize_id: draw.prizeId,
          is_guarantee: draw.isGuarantee,
        })),
      },
    });
    return toDrawReply({ request, draws, pool, replayed: false });
  }

  private counterOf(userId: number): Counter {
    const known = this.counters.get(userId);
    if (known === undefined) {
      return {
        userId,
        streak: 0,
        draws: 0,
        wins: 0,
        prizeValue: 0,
        businessDay: this.businessDay,
        drawsToday: 0,
        firstDrawNo: 0,
      };
    }
    const { day, drawsToday } = dayOf(known, this.businessDay);
    return { ...known, businessDay: day, drawsToday };
  }

  private leftTodayOf(counter: Counter): number | null {
    return leftToday(this.nextPool.drawsPerUserPerDay, counter.drawsToday);
  }

  private availableOf(userId: number): number {
    return this.available.get(userId) ?? 0;
  }

  private nicknameOf(userId: number): string {
    return this.nicknames.get(userId) ?? '';
  }

  private prizeOf(prizeId: number): PoolPrize {
    const prize = this.nextPool.prizes.get(prizeId);
    if (prize === undefined) throw new Error(`Prize ${prizeId} is not in the pool`);
    return prize;
  }
}

export function isSeedUsedUp({ drawNo, seed, rotationDraws }: Pool): boolean {
  return drawNo - seed.fromDrawNo + 1 >= rotationDraws;
}

/**
 * The day that a diner's draws count on, and how many it has seen. It only moves forward: on a clock that is behind the
 * counter's day, that day goes on, or every step back over midnight would give its draws once more.
 */
export function dayOf(
  counter: Pick<Counter, 'businessDay' | 'drawsToday'> | undefined,
  today: string,
): { day: string; drawsToday: number } {
  if (counter === undefined || counter.businessDay < today) return { day: today, drawsToday: 0 };
  return { day: counter.businessDay, drawsToday: counter.drawsToday };
}

export function leftToday(perDay: number | null, drawsToday: number): number | null {
  return perDay === null ? null : Math.max(0, perDay - drawsToday);
}
