import { LotteryDraw } from '../../entities/lottery/LotteryDraw.ts';
import { LotteryDrawRequest } from '../../entities/lottery/LotteryDrawRequest.ts';
import { endPhase } from '../platform/actor/batchTimes.ts';
import { FencedError } from '../platform/actor/fence.ts';
import type { Outcome } from '../platform/actor/groupCommit.ts';
import { endOfBusinessDayIn } from '../platform/clock.ts';
import { insertAll } from '../platform/database/bulk.ts';
import type { Tx } from '../platform/database/transaction.ts';
import { lockAccounts, Postings } from '../points/ledger.ts';
import { lifetimeEnd, type Lifetime } from '../points/settings.ts';
import { emitEvents } from '../platform/events/outbox.ts';
import { tellFigures } from './liveFigures.ts';
import { LIMITS } from '../platform/limits.ts';
import { findAudience } from './audience.ts';
import { findDiners, saveCounters } from './counters.ts';
import { DrawBatch, type Winner } from './drawBatch.ts';
import { findEarlier } from './earlierAccounts.ts';
import type { Score } from './leaderboard.ts';
import type { DrawReply } from './messages.ts';
import { lowStockOf } from './lowStock.ts';
import { loadPool, type Pool } from './pool.ts';
import { lockCampaign, moveCampaign } from './ownership.ts';
import { takeStock } from './stock.ts';
import { giveWonItems } from '../inventory/wonItems.ts';
import { answersTo, findRequests, type DrawItem } from './drawRequests.ts';

export interface CommitInput {
  /** As of the last commit; left as it is. */
  pool: Pool;
  /** An attempt has failed since: what the database holds is read anew. */
  isPoolInDoubt: boolean;
  ownerEpoch: number;
  items: readonly DrawItem[];
  nowMs: number;
  seedKey: Buffer;
  /** Of points that are won. */
  lifetime: Lifetime;
}

export interface CommitResult {
  /** The pool to swap in once the transaction has committed. */
  state: Pool;
  /** One per item, in order; fewer, or none, when the seed is used up: the rest belongs to the next one. */
  outcomes: Outcome<DrawReply>[];
  scores: Score[];
  winners: Winner[];
  draws: number;
}

/**
 * One transaction for a whole batch of draw requests; the number of statements does not depend on their number (DB-6), and they
 * go out in two groups: what is read, and what is written, with which COMMIT travels.
 * Locks: campaign, accounts by user id, prizes by prize id (DRAW-9).
 * @throws FencedError when the campaign has another owner; RowCountError when its stock is not what was known; database errors
 * as they come; with nothing kept.
 */
export async function commitDraws(tx: Tx, input: CommitInput): Promise<CommitResult> {
  const { items, nowMs } = input;
  const campaignId = input.pool.campaignId;
  const userIds = [...new Set(items.map((item) => item.userId))];
  const [position, requests, accounts, { counters, diners }] = await Promise.all([
    lockCampaign(tx, campaignId),
    findRequests(tx, campaignId, items),
    lockAccounts(tx, userIds),
    findDiners(tx, campaignId, userIds),
  ]);
  if (position?.owner_epoch !== input.ownerEpoch) throw new FencedError(`campaign ${campaignId}`);
  const isCurrent =
    !input.isPoolInDoubt && position.log_no === input.pool.logNo && position.status === input.pool.status;
  const pool = isCurrent ? input.pool : await loadPool(tx, campaignId, input.seedKey);

  const answers = await answersTo(tx, pool, requests);
  const audience = pool.conditions === null ? {} : await findAudience(tx, pool.conditions, userIds);
  const survivors = [...accounts.values()].filter(({ hasMerged }) => hasMerged);
  const earlier = await findEarlier(
    tx,
    campaignId,
    survivors.map(({ userId }) => userId),
  );
  endPhase(items, 'read');
  const postings = await Postings.open(tx, accounts, nowMs);
  const pointsEndMs = lifetimeEnd(input.lifetime, nowMs);
  const found = { counters, diners, audience, earlier, answers };
  const batch = new DrawBatch({ pool, nowMs, pointsEndMs, postings, ...found });
  const outcomes: Outcome<DrawReply>[] = [];
  for (const item of items) {
    const outcome = batch.decide(item);
    if (outcome === undefined) break;
    outcomes.push(outcome);
  }
  batch.nextPool.recentWins = newestWins(batch.winners, pool);
  batch.events.push(...lowStockOf(pool, batch.nextPool, batch.won.keys()));
  endPhase(items, 'decide');
  if (batch.draws.length > 0) await storeBatch(tx, input, batch);
  endPhase(items, 'write');
  return {
    state: batch.nextPool,
    outcomes,
    scores: batch.scores,
    winners: batch.winners,
    draws: batch.draws.length,
  };
}

async function storeBatch(tx: Tx, input: CommitInput, batch: DrawBatch): Promise<void> {
  const { ownerEpoch, nowMs } = input;
  const { campaignId, drawNo, logNo, chainHead, remainingDraws, participants, recentWins } = batch.nextPool;
  const expiresAtMs = claimEnd(batch.nextPool, input.lifetime, nowMs);
  const move = { campaignId, ownerEpoch, drawNo, logNo, chainHead, remainingDraws, participants, recentWins };
  tellFigures(tx, campaignId);
  tx.finish();
  await Promise.all([
    moveCampaign(tx, move, nowMs),
    insertAll(tx, LotteryDrawRequest, batch.requests),
    insertAll(tx, LotteryDraw, batch.draws),
    batch.postings.store(tx, { leavesEarnedOpen: true }),
    giveWonItems(tx, { campaignId, nowMs, expiresAtMs }, batch.items),
    saveCounters(tx, campaignId, batch.changedCounters, nowMs),
    takeStock(tx, batch.nextPool, batch.won, nowMs),
    emitEvents(tx, batch.events, nowMs),
  ]);
}

/** Until when prizes that are won now may be claimed. */
function claimEnd(
  { claimDays: days }: Pool,
  { businessTimezone: timezone }: Lifetime,
  nowMs: number,
): number | null {
  return days === null ? null : endOfBusinessDayIn(nowMs, { days, timezone });
}

/** Newest first. */
function newestWins(winners: readonly Winner[], { recentWins }: Pool): readonly number[] {
  if (winners.length === 0) return recentWins;
  const newest = winners.slice(-LIMITS.recentWinners).map(({ drawNo }) => drawNo);
  return newest.reverse().concat(recentWins).slice(0, LIMITS.recentWinners);
}
