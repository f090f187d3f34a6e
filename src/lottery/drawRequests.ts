/** Requests to draw, and what was answered to them: a repeat of one gets its answer again (DRAW-4). */
import type { LotteryDraw } from '../../entities/lottery/LotteryDraw.ts';
import type { LotteryDrawRequest } from '../../entities/lottery/LotteryDrawRequest.ts';
import { fromSqlPoints } from '../platform/database/sqlValues.ts';
import type { Tx } from '../platform/database/transaction.ts';
import { drawIdOf } from './drawIds.ts';
import { readPrizesOfThen, type PublishedPrizes } from './publishedPrizes.ts';

export interface RequestKey {
  userId: number;
  requestId: string;
}

/** One request to draw, as the queue holds it. */
export interface DrawItem extends RequestKey {
  drawCount: number;
  clientSeed: string;
}

/** What a reply needs of a request besides its draws. Points in 1/100. */
export type AnsweredRequest = Omit<LotteryDrawRequest, 'campaign_id' | 'created_at'>;

/** What a reply shows of a draw. Points in 1/100. */
export type AnsweredDraw = Pick<
  LotteryDraw,
  | 'draw_id'
  | 'draw_no'
  | 'roll'
  | 'interval_from'
  | 'interval_to'
  | 'prize_id'
  | 'is_guarantee'
  | 'points_cost'
>;

export interface Answer {
  request: AnsweredRequest;
  draws: readonly AnsweredDraw[];
  /** Of the one seed that all of its draws were rolled with. */
  serverSeedHash: string;
  /** As they were when they were drawn; absent: as they are. */
  prizes?: PublishedPrizes | undefined;
}

export function keyOf({ userId, requestId }: RequestKey): string {
  return `${userId}:${requestId}`;
}

type Row = Record<string, string | number | null>;

/** Those of the requests that were answered before. */
export async function findRequests(
  tx: Tx,
  campaignId: number,
  keys: readonly RequestKey[],
): Promise<AnsweredRequest[]> {
  const rows = await tx.query<Row>(
    `SELECT user_id, request_id, draw_count, client_seed, first_draw_no, balance_after, streak_after, guarantee_in,
       draws_left_today, free_draws_left_today
     FROM lottery_draw_requests WHERE campaign_id = ? AND (user_id, request_id) IN (?)`,
    [campaignId, keys.map(({ userId, requestId }) => [userId, requestId])],
  );
  return rows.map((row) => ({
    user_id: Number(row['user_id']),
    request_id: String(row['request_id']),
    draw_count: Number(row['draw_count']),
    client_seed: String(row['client_seed']),
    first_draw_no: Number(row['first_draw_no']),
    balance_after: fromSqlPoints(row['balance_after']!),
    streak_after: Number(row['streak_after']),
    guarantee_in: toNullable(row['guarantee_in']),
    draws_left_today: toNullable(row['draws_left_today']),
    free_draws_left_today: Number(row['free_draws_left_today']),
  }));
}

/** What was answered to the requests, by `keyOf`. */
export async function answersTo(
  tx: Tx,
  { campaignId, tableVersion }: { campaignId: number; tableVersion: number },
  requests: readonly AnsweredRequest[],
): Promise<Map<string, Answer>> {
  if (requests.length === 0) return new Map();
  const drawIds = requests.flatMap(({ first_draw_no, draw_count }) =>
    Array.from({ length: draw_count }, (_, at) => drawIdOf(campaignId, first_draw_no + at)),
  );
  const rows = await tx.query<Row>(
    `SELECT d.draw_id, d.draw_no, d.roll, d.interval_from, d.interval_to, d.prize_id, d.is_guarantee, d.points_cost,
       d.table_version, e.server_seed_hash
     FROM lottery_draws d
     JOIN lottery_fairness_epochs e ON e.campaign_id = d.campaign_id AND e.epoch = d.fairness_epoch
     WHERE d.draw_id IN (?) ORDER BY d.draw_id`,
    [drawIds],
  );
  const told = rows.map((row) => ({
    campaignId,
    version: Number(row['table_version']),
    presentVersion: tableVersion,
  }));
  const published = (await readPrizesOfThen(tx.manager, told)).get(campaignId);
  const byNumber = new Map(rows.map((row) => [Number(row['draw_no']), row]));
  return new Map(
    requests.map((request) => {
      const { first_draw_no: first, draw_count: count } = request;
      const found = Array.from({ length: count }, (_, at) => byNumber.get(first + at)!);
      const serverSeedHash = String(found[0]!['server_seed_hash']);
      const prizes = published?.get(Number(found[0]!['table_version']));
      const answer = { request, draws: found.map(answeredDraw), serverSeedHash, prizes };
      return [keyOf({ userId: request.user_id, requestId: request.request_id }), answer];
    }),
  );
}

function answeredDraw(row: Row): AnsweredDraw {
  return {
    draw_id: Number(row['draw_id']),
    draw_no: Number(row['draw_no']),
    roll: Number(row['roll']),
    interval_from: Number(row['interval_from']),
    interval_to: Number(row['interval_to']),
    prize_id: toNullable(row['prize_id']),
    is_guarantee: Number(row['is_guarantee']) === 1,
    points_cost: fromSqlPoints(row['points_cost']!),
  };
}

function toNullable(stored: string | number | null | undefined): number | null {
  return stored === null || stored === undefined ? null : Number(stored);
}
