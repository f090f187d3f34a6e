import { chainHash } from '../draw/fairness.ts';
import { levelBonusOf, periodBonusOf, pityBonusOf } from '../draw/odds.ts';
import type { LotteryDraw } from '../../entities/lottery/LotteryDraw.ts';
import type { LotteryDrawRequest } from '../../entities/lottery/LotteryDrawRequest.ts';
import type { WonItem } from '../inventory/wonItems.ts';
import type { Outcome } from '../platform/actor/groupCommit.ts';
import { AppError } from '../platform/errors.ts';
import type { NewEvent } from '../platform/events/outbox.ts';
import type { Postings } from '../points/ledger.ts';
import type { Audience } from './audience.ts';
import { freeOf, leftOf, refusalOf } from './conditions.ts';
import { counterOn, withEarlier, type Counter, type FoundDiner } from './counters.ts';
import { drawIdOf } from './drawIds.ts';
import { keyOf, type Answer, type DrawItem } from './drawRequests.ts';
import type { EarlierAccounts } from './earlierAccounts.ts';
import type { Score } from './leaderboard.ts';
import type { DrawReply } from './messages.ts';
import { isSeedUsedUp, type Pool, type PoolPrize } from './pool.ts';
import { toDrawReply } from './reply.ts';
import { nodeSha256 } from './sha256.ts';

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
  /** When points that are won now end; null: never. */
  pointsEndMs: number | null;
  /** On the accounts of everybody who asks. */
  postings: Postings;
  counters: readonly Counter[];
  diners: ReadonlyMap<number, FoundDiner>;
  audience: Audience;
  /** Of those into whose accounts others were merged. */
  earlier: ReadonlyMap<number, EarlierAccounts>;
  /** By `keyOf`: what was answered before. Those of this batch are added. */
  answers: Map<string, Answer>;
}

/**
 * Decides the requests of one batch, one after the other, on a working copy of the pool, and gathers every row that the
 * decisions call for. Does no input or output: the caller stores all of it or drops all of it.
 */
export class DrawBatch {
  readonly nextPool: Pool;
  readonly postings: Postings;
  readonly requests: LotteryDrawRequest[] = [];
  readonly draws: LotteryDraw[] = [];
  readonly items: WonItem[] = [];
  readonly events: NewEvent[] = [];
  readonly winners: Winner[] = [];
  /** Prizes given by this batch: prize id → count. */
  readonly won = new Map<number, number>();
  private readonly nowMs: number;
  private readonly time: Date;
  private readonly pointsEndMs: number | null;
  private readonly periodBp: number;
  private readonly counters: Map<number, Counter>;
  private readonly diners: ReadonlyMap<number, FoundDiner>;
  private readonly audience: Audience;
  private readonly earlier: ReadonlyMap<number, EarlierAccounts>;
  private readonly answers: Map<string, Answer>;
  private readonly changed = new Map<number, Counter>();

  constructor({ pool, nowMs, pointsEndMs, postings, counters, ...found }: BatchStart) {
    this.nextPool = { ...pool, stock: new Map(pool.stock), codesGiven: new Map(pool.codesGiven) };
    this.nowMs = nowMs;
    this.time = new Date(nowMs);
    this.pointsEndMs = pointsEndMs;
    this.periodBp = periodBonusOf(pool.engine.config, nowMs);
    this.postings = postings;
    this.counters = new Map(counters.map((counter) => [counter.userId, counter]));
    this.diners = found.diners;
    this.audience = found.audience;
    this.earlier = found.earlier;
    this.answers = found.answers;
  }

  get changedCounters(): Counter[] {
    return [...this.changed.values()];
  }

  get scores(): Score[] {
    return this.changedCounters.map((counter) => ({
      userId: counter.userId,
      nickname: this.nicknameOf(counter.userId),
      draws: counter.draws,
      wins: counter.wins,
      prizeValue: counter.prizeValue,
      firstDrawNo: counter.firstDrawNo,
    }));
  }

  /**
   * Decides all draws of a request, or repeats its answer, or refuses it and changes nothing; undefined when the seed has served
   * its draws: the request waits for the next one's commitment to be published. A refusal needs no seed, so where no next one
   * will come nobody waits for it. What it throws is a fault, after which nothing of the batch may be stored.
   */
  decide(item: DrawItem): Outcome<DrawReply> | undefined {
    const { nextPool: pool, nowMs, postings } = this;
    const answer = this.answers.get(keyOf(item));
    if (answer !== undefined) return this.repeat(item, answer);
    const account = postings.accountOf(item.userId);
    // Of one that was merged since it asked nothing is left either.
    if (account === undefined || account.mergedInto !== null)
      return { ok: false, error: new AppError('NOT_FOUND') };
    const counter = this.counterOf(item.userId);
    const used = this.withEarlier(counter);
    const { audience } = this;
    const [diner, earlier] = [this.diners.get(item.userId), this.earlier.get(item.userId)];
    const circumstances = { pool, nowMs, counter: used, account, diner, audience, earlier };
    const refusal = refusalOf(item, circumstances);
    if (refusal !== undefined) return { ok: false, error: refusal };
    if (isSeedUsedUp(pool)) return undefined;

    if (counter.draws === 0) pool.participants += 1;
    const free = freeOf(item.drawCount, pool, used);
    this.charge(item, free);
    const levelBp = levelBonusOf(pool.engine.config, account.level);
    const draws = Array.from({ length: item.drawCount }, (_, at) =>
      this.drawOnce(item, counter, { levelBp, cost: at < free ? 0 : pool.costPerDraw }),
    );
    if (pool.remainingDraws !== null) pool.remainingDraws -= item.drawCount;
    counter.drawsToday += item.drawCount;
    counter.freeToday += free;
    this.changed.set(item.userId, counter);
    return { ok: true, result: this.answer(item, counter, draws) };
  }

  /** The stored result of a repeated request (DRAW-4). */
  private repeat(item: DrawItem, answer: Answer): Outcome<DrawReply> {
    const { draw_count, client_seed } = answer.request;
    if (draw_count !== item.drawCount || client_seed !== item.clientSeed)
      return { ok: false, error: new AppError('IDEMPOTENCY_KEY_REUSED') };
    return { ok: true, result: toDrawReply(answer, this.nextPool, { replayed: true }) };
  }

  /** Takes what the draws of a request cost that are not free, under the first one of all. */
  private charge({ userId, drawCount }: DrawItem, free: number): void {
    const { campaignId, costPerDraw, name, drawNo } = this.nextPool;
    const cost = costPerDraw * (drawCount - free);
    if (cost === 0) return;
    this.postings.add({
      userId,
      type: 'lottery_draw',
      amountHundredths: -cost,
      source: 'lottery',
      reason: name,
      relatedId: String(drawIdOf(campaignId, drawNo + 1)),
    });
  }

  private drawOnce(
    { userId, requestId, clientSeed }: DrawItem,
    counter: Counter,
    { levelBp, cost }: { levelBp: number; cost: number },
  ): LotteryDraw {
    const { nextPool: pool } = this;
    const { campaignId, engine, seed, stock } = pool;
    const drawNo = ++pool.drawNo;
    const logNo = ++pool.logNo;
    const { streak } = counter;
    const bonuses = {
      level_bp: levelBp,
      period_bp: this.periodBp,
      pity_bp: pityBonusOf(engine.config, streak),
    };
    const roll = seed.roller.roll({ campaignId, drawNo, userId, clientSeed });
    const { rolled, prizeId, isGuarantee } = engine.decide({ roll, bonuses, streak, stock });
    const logged = {
      draw_no: drawNo,
      user_id: userId,
      client_seed: clientSeed,
      table_version: pool.tableVersion,
      ...bonuses,
      streak_before: streak,
      roll,
      prize_id: prizeId,
      is_guarantee: isGuarantee,
    };
    const entry = { kind: 'draw' as const, epoch: seed.epoch, ...logged };
    pool.chainHead = chainHash(pool.chainHead, entry, nodeSha256);
    // Of every column: one that is added has to be filled here.
    const draw: LotteryDraw = {
      ...logged,
      draw_id: drawIdOf(campaignId, drawNo),
      campaign_id: campaignId,
      log_no: logNo,
      request_id: requestId,
      fairness_epoch: seed.epoch,
      interval_from: rolled.from,
      interval_to: rolled.to,
      rolled_prize_id: rolled.prizeId,
      is_winner: prizeId !== null,
      points_cost: cost,
      chain_hash: pool.chainHead,
      draw_time: this.time,
    };
    this.draws.push(draw);
    this.count(draw, counter);
    return draw;
  }

  private count(draw: LotteryDraw, counter: Counter): void {
    if (counter.draws === 0) counter.firstDrawNo = draw.draw_no;
    counter.draws += 1;
    if (draw.prize_id === null) {
      counter.streak += 1;
      return;
    }
    const prize = this.prizeOf(draw.prize_id);
    counter.streak = 0;
    counter.wins += 1;
    counter.prizeValue += prize.value;
    this.won.set(prize.prizeId, (this.won.get(prize.prizeId) ?? 0) + 1);
    this.winners.push({
      drawNo: draw.draw_no,
      userId: draw.user_id,
      nickname: this.nicknameOf(draw.user_id),
      prizeName: prize.name,
      atMs: this.nowMs,
    });
    this.give(draw, prize);
  }

  /** Points are credited at once, anything else becomes an item of the winner's inventory (DRAW-8). */
  private give({ user_id: userId, draw_id: drawId }: LotteryDraw, prize: PoolPrize): void {
    if (prize.type === 'points') {
      this.postings.add({
        userId,
        type: 'lottery_prize',
        amountHundredths: prize.value,
        source: 'lottery',
        reason: prize.name,
        relatedId: String(drawId),
        expiresAtMs: this.pointsEndMs,
      });
    } else {
      const { prizeId, type, name, value } = prize;
      this.items.push({ userId, drawId, prizeId, type, name, value, couponNo: this.takeCode(prizeId) });
    }
  }

  /** The n-th win of a pool gets its n-th code, which is there: the stock is never more than the codes (RL-10). */
  private takeCode(prizeId: number): number | null {
    const { codesGiven } = this.nextPool;
    const given = codesGiven.get(prizeId);
    if (given === undefined) return null;
    codesGiven.set(prizeId, given + 1);
    return given + 1;
  }

  private answer(item: DrawItem, counter: Counter, draws: readonly LotteryDraw[]): DrawReply {
    const { nextPool: pool } = this;
    const { userId, requestId } = item;
    const used = this.withEarlier(counter);
    const request: LotteryDrawRequest = {
      campaign_id: pool.campaignId,
      user_id: userId,
      request_id: requestId,
      draw_count: item.drawCount,
      client_seed: item.clientSeed,
      first_draw_no: draws[0]!.draw_no,
      balance_after: this.postings.accountOf(userId)!.availableHundredths,
      streak_after: counter.streak,
      guarantee_in: pool.engine.guaranteeIn(counter.streak),
      draws_left_today: leftOf(pool.drawsPerUserPerDay, used.drawsToday),
      free_draws_left_today: leftOf(pool.freeDrawsPerDay, used.freeToday),
      created_at: this.time,
    };
    this.requests.push(request);
    this.events.push({
      type: 'lottery:draw_completed',
      userId,
      data: {
        campaign_id: pool.campaignId,
        user_id: userId,
        request_id: requestId,
        draws: draws.map(({ draw_id, prize_id, is_guarantee }) => ({ draw_id, prize_id, is_guarantee })),
        points_cost: draws.reduce((sum, { points_cost: cost }) => sum + cost, 0) / 100,
        free_draws: draws.filter(({ points_cost: cost }) => cost === 0).length,
      },
    });
    const answer = { request, draws, serverSeedHash: pool.seed.serverSeedHash };
    this.answers.set(keyOf(item), answer);
    return toDrawReply(answer, pool, { replayed: false });
  }

  /** A copy, or the one that this batch has changed. */
  private counterOf(userId: number): Counter {
    return this.changed.get(userId) ?? counterOn(this.postings.day, userId, this.counters.get(userId));
  }

  /** What limits count. */
  private withEarlier(counter: Counter): Counter {
    const earlier = this.earlier.get(counter.userId);
    return earlier === undefined ? counter : withEarlier(counter, earlier.counters);
  }

  private nicknameOf(userId: number): string {
    return this.diners.get(userId)?.nickname ?? '';
  }

  private prizeOf(prizeId: number): PoolPrize {
    const prize = this.nextPool.prizes.get(prizeId);
    if (prize === undefined) throw new Error(`Prize ${prizeId} is not in the pool`);
    return prize;
  }
}
