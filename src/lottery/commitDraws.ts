import { businessDayOf } from '../platform/clock.ts';
import { endPhase } from '../platform/actor/batchTimes.ts';
import { FencedError } from '../platform/actor/fence.ts';
import type { Outcome } from '../platform/actor/groupCommit.ts';
import type { Tx } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { lockAccounts, post } from '../points/ledger.ts';
import { emitEvents } from '../platform/events/outbox.ts';
import { LIMITS } from '../platform/limits.ts';
import { findDiners, saveCounters } from './counters.ts';
import { DrawBatch, type DrawItem, type Winner } from './drawBatch.ts';
import type { Score } from './leaderboard.ts';
import type { DrawReply } from './messages.ts';
import { loadPool, type Pool } from './pool.ts';
import { toDrawReply } from './reply.ts';
import { lockCampaign, moveCampaign } from './ownership.ts';
import { takeStock } from './stock.ts';
import { giveWonItems } from '../inventory/wonItems.ts';
import { findDrawsOf, insertDraws, type StoredDraw } from './drawRows.ts';
import { findRequests, insertRequests, type RequestRow } from './drawRequests.ts';

export interface CommitInput {
  /** As of the last commit; left as it is. */
  pool: Pool;
  /** An attempt has failed since: what the database holds is read anew. */
  isPoolInDoubt: boolean;
  ownerEpoch: number;
  items: readonly DrawItem[];
  nowMs: number;
  timezone: string;
  seedKey: Buffer;
}

export interface CommitResult {
  /** The pool to swap in once the transaction has committed. */
  state: Pool;
  /** One per item, in order; fewer, or none, when the seed is used up: the rest belongs to the next one. */
  outcomes: Outcome<DrawReply>[];
  scores: Score[];
  winners: Winner[];
}

/**
 * One transaction for a whole batch of draw requests; the number of statements does not depend on their number (DB-6), and they
 * go out in two groups: what is read, and what is written.
 * Locks: campaign, accounts by user id, prizes by prize id (DRAW-9).
 * @throws FencedError when the campaign has another owner; database errors as they come, with nothing kept.
 */
export async function commitDraws(tx: Tx, input: CommitInput): Promise<CommitResult> {
  const { items, nowMs } = input;
  const campaignId = input.pool.campaignId;
  const userIds = [...new Set(items.map((item) => item.userId))];
  const [position, requests, accounts, { counters, nicknames }] = await Promise.all([
    lockCampaign(tx, campaignId),
    findRequests(tx, campaignId, items),
    lockAccounts(tx, userIds),
    findDiners(tx, campaignId, userIds),
  ]);
  if (position?.owner_epoch !== input.ownerEpoch) throw new FencedError(`campaign ${campaignId}`);
  const isCurrent =
    !input.isPoolInDoubt && position.log_no === input.pool.logNo && position.status === input.pool.status;
  const pool = isCurrent ? input.pool : await loadPool(tx, campaignId, input.seedKey);

  const answered = await answersTo(tx, campaignId, requests);
  endPhase(items, 'read');
  const batch = new DrawBatch({
    pool,
    nowMs,
    businessDay: businessDayOf(nowMs, input.timezone),
    accounts,
    counters,
    nicknames,
  });

  const outcomes: Outcome<DrawReply>[] = [];
  for (const item of items) {
    const key = keyOf(item);
    const stored = answered.get(key);
    try {
      const reply = stored === undefined ? batch.decide(item) : repeat(item, stored, pool);
      if (reply === undefined) break;
      if (stored === undefined) answered.set(key, batch.answerTo(item));
      outcomes.push({ ok: true, result: reply });
    } catch (error) {
      // A refusal concerns its own request; anything else is a fault and rolls the batch back (DRAW-5).
      if (!(error instanceof AppError) || error.status >= 500) throw error;
      outcomes.push({ ok: false, error });
    }
  }
  batch.nextPool.recentWins = newestWins(batch.winners, pool);
  endPhase(items, 'decide');
  if (batch.draws.length > 0) await storeBatch(tx, input, batch);
  endPhase(items, 'write');
  return { state: batch.nextPool, outcomes, scores: batch.scores, winners: batch.winners };
}

async function storeBatch(tx: Tx, { ownerEpoch, nowMs }: CommitInput, batch: DrawBatch): Promise<void> {
  const { campaignId, costPerDraw, ...next } = batch.nextPool;
  const { drawNo, logNo, chainHead, remainingDraws, participants, recentWins } = next;
  const move = { campaignId, ownerEpoch, drawNo, logNo, chainHead, remainingDraws, participants, recentWins };
  const [isMoved] = await Promise.all([
    moveCampaign(tx, move, nowMs),
    insertRequests(tx, campaignId, batch.requests, nowMs),
    insertDraws(tx, { campaignId, costPerDraw, nowMs, draws: batch.draws }),
    post(tx, batch.ledgerEntries, nowMs, batch.accounts),
    giveWonItems(tx, campaignId, batch.items, nowMs),
    saveCounters(tx, campaignId, batch.changedCounters, nowMs),
    takeStock(tx, campaignId, batch.won, nowMs),
    emitEvents(tx, batch.events, nowMs),
  ]);
  if (!isMoved) throw new FencedError(`campaign ${campaignId}`);
}

/** Newest first. */
function newestWins(winners: readonly Winner[], { recentWins }: Pool): readonly number[] {
  if (winners.length === 0) return recentWins;
  const newest = winners.slice(-LIMITS.recentWinners).map(({ drawNo }) => drawNo);
  return newest.reverse().concat(recentWins).slice(0, LIMITS.recentWinners);
}

interface Answer {
  request: RequestRow;
  draws: StoredDraw[];
}

async function answersTo(
  tx: Tx,
  campaignId: number,
  requests: readonly RequestRow[],
): Promise<Map<string, Answer>> {
  const answers = new Map<string, Answer>(
    requests.map((request) => [keyOf(request), { request, draws: [] }]),
  );
  for (const draw of await findDrawsOf(tx, campaignId, requests)) answers.get(keyOf(draw))?.draws.push(draw);
  return answers;
}

/** The stored result of a repeated request (DRAW-4). */
function repeat(item: DrawItem, { request, draws }: Answer, pool: Pool): DrawReply {
  if (request.drawCount !== item.drawCount || request.clientSeed !== item.clientSeed) {
    throw new AppError('IDEMPOTENCY_KEY_REUSED');
  }
  return toDrawReply({ request, draws, pool, replayed: true });
}

function keyOf({ userId, requestId }: { userId: number; requestId: string }): string {
  return `${userId}:${requestId}`;
}
