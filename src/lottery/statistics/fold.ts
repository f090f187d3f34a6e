/*
 * Counts the draws of all campaigns into their statistics, behind the draws and never in their transactions.
 *
 * The cursor of a campaign says up to which number its draws are counted; it moves in the transaction that counts, which holds it.
 * So each draw is counted once: whoever dies before COMMIT has counted nothing, and whoever finds the cursor moved on has been
 * overtaken by another node and counts nothing either. What is counted of the people who drew moves with it.
 */
import { LotteryCampaignVisitor } from '../../../entities/lottery/LotteryCampaignVisitor.ts';
import { LotteryDayDrawn } from '../../../entities/lottery/LotteryDayDrawn.ts';
import { LotteryPeriod } from '../../../entities/lottery/LotteryPeriod.ts';
import { LotteryPeriodPrize } from '../../../entities/lottery/LotteryPeriodPrize.ts';
import { LotteryStatisticsCursor } from '../../../entities/lottery/LotteryStatisticsCursor.ts';
import { countDrawsOfPeople } from '../../analytics/countDraws.ts';
import type { Clock } from '../../platform/clock.ts';
import { insertAll, upsertAll, type Merges } from '../../platform/database/bulk.ts';
import { fromSqlTime } from '../../platform/database/sqlValues.ts';
import type { Database, Tx } from '../../platform/database/transaction.ts';
import type { Logger } from '../../platform/logger.ts';
import { pauseUntil, repeating } from '../../platform/repeating.ts';
import { noteDiners, type DinersOfDay } from '../../reports/diners.ts';
import type { Calendar } from './calendar.ts';
import { drawIdOf } from '../drawIds.ts';
import type { CountedDraws } from './countedDraws.ts';
import { lockCursor, readPeople } from './people.ts';
import { drawnIn, Tally, type CountedDraw } from './tally.ts';

export interface FoldServices {
  database: Database;
  clock: Clock;
  calendar: Calendar;
  counted: CountedDraws;
}

/** Draws of one transaction. */
const BATCH = 2500;
/** Between two transactions: whoever draws comes in between. */
const PAUSE_MS = 20;
/** Campaigns that one look finds. */
const CAMPAIGNS = 100;

/** Every node does it; each draw is counted once. */
export function keepFolding(services: FoldServices & { logger: Logger }): () => void {
  return repeating(services.logger, 'draws could not be counted', (stopping) => foldAll(services, stopping));
}

/**
 * All draws that were committed before, in turns: no campaign waits for all draws of another one, nor for one that cannot be counted.
 */
export async function foldAll(services: FoldServices, stopping?: AbortSignal): Promise<void> {
  for (;;) {
    const behind = await readBehind(services.database);
    const failures: unknown[] = [];
    for (const { campaignId, after, to } of behind) {
      if (stopping?.aborted === true) return;
      const range = { campaignId, after, to: Math.min(to, after + BATCH) };
      await foldBatch(services, range).catch((error: unknown) => failures.push(error));
      await pauseUntil(stopping, PAUSE_MS);
    }
    if (failures.length > 0) throw failures[0];
    if (behind.every(({ after, to }) => to - after <= BATCH)) return;
  }
}

interface Behind {
  campaignId: number;
  /** Counted up to this number. */
  after: number;
  /** Drawn up to this one. */
  to: number;
}

async function readBehind(database: Database): Promise<Behind[]> {
  const rows = await database.readCurrent<{
    campaign_id: number;
    after_no: number | string;
    to_no: number | string;
  }>(
    `SELECT c.campaign_id, COALESCE(s.draw_no, 0) AS after_no, c.draw_no AS to_no
     FROM lottery_campaigns c LEFT JOIN lottery_statistics_cursors s ON s.campaign_id = c.campaign_id
     WHERE c.draw_no > COALESCE(s.draw_no, 0) ORDER BY c.campaign_id LIMIT ?`,
    [CAMPAIGNS],
  );
  return rows.map((row) => ({
    campaignId: row.campaign_id,
    after: Number(row.after_no),
    to: Number(row.to_no),
  }));
}

/** Counts a range of draws, if those before it are counted and it is not. @returns whether it did */
export async function foldBatch(services: FoldServices, range: Behind): Promise<boolean> {
  const { database, counted } = services;
  // Outside of the transaction, which holds up all others on SQLite.
  const draws = await counted.read(range);
  return database.retryingTransaction((tx) => count(tx, services, range, draws));
}

async function count(
  tx: Tx,
  { clock, calendar }: FoldServices,
  { campaignId, after, to }: Behind,
  draws: readonly CountedDraw[],
): Promise<boolean> {
  const nowMs = clock.nowMs();
  const cursor = await lockCursor(tx, campaignId, nowMs);
  if (cursor.draw_no !== after) return false;
  const tally = new Tally(campaignId, calendar, await readPeople(tx, campaignId, drawnIn(draws, calendar)));
  for (const draw of draws) tally.count(draw);
  const moved = {
    campaign_id: campaignId,
    draw_no: to,
    visitors: cursor.visitors + tally.newVisitors,
    winners: cursor.winners + tally.newWinners,
    updated_at: new Date(nowMs),
  };
  await noteDiners(tx, dinersOf(tally, calendar));
  await countDrawsOfPeople(tx, { campaignId, hours: tally.hours }, { timezone: calendar.timezone, nowMs });
  tx.finish();
  await Promise.all([
    upsertAll(tx, LotteryPeriod, tally.periods, ADDED),
    upsertAll(tx, LotteryPeriodPrize, tally.prizes, { wins: ADDED.wins, value_given: ADDED.value_given }),
    insertAll(tx, LotteryDayDrawn, tally.drawn),
    upsertAll(tx, LotteryCampaignVisitor, tally.visitors),
    upsertAll(tx, LotteryStatisticsCursor, [moved]),
  ]);
  return true;
}

/** Who has drawn on a day for the first time: a draw that is free moves no points. */
function dinersOf({ drawn }: Tally, calendar: Calendar): DinersOfDay[] {
  const days = Map.groupBy(
    drawn.filter(({ period }) => period === 'day'),
    ({ starts }) => starts,
  );
  return [...days].map(([day, of]) => ({
    day,
    startMs: calendar.boundsOf('day', day).startMs,
    userIds: new Set(of.map(({ user_id: userId }) => userId)),
  }));
}

const added =
  (column: keyof LotteryPeriod) =>
  ({ stored, given }: { stored(name: string): string; given(name: string): string }) =>
    `${stored(column)} + ${given(column)}`;
const addedPoints =
  (column: keyof LotteryPeriod) =>
  ({ stored, given }: { stored(name: string): string; given(name: string): string }) =>
    `ROUND(${stored(column)} + ${given(column)}, 2)`;

const ADDED = {
  draws: added('draws'),
  wins: added('wins'),
  guarantee_wins: added('guarantee_wins'),
  free_draws: added('free_draws'),
  points_spent: addedPoints('points_spent'),
  value_given: addedPoints('value_given'),
  participants: added('participants'),
  newcomers: added('newcomers'),
  returned_1: added('returned_1'),
  returned_7: added('returned_7'),
} satisfies Merges<LotteryPeriod>;

/** Draws from before this moment are counted: up to the first one of a campaign that is not. */
export async function drawsCountedToMs({
  database,
  clock,
}: Pick<FoldServices, 'database' | 'clock'>): Promise<number> {
  const nowMs = clock.nowMs();
  const behind = await readBehind(database);
  const next = behind.map(({ campaignId, after }) => drawIdOf(campaignId, after + 1));
  if (next.length === 0) return nowMs;
  const rows = await database.readCurrent<{ draw_time: Date | string }>(
    'SELECT draw_time FROM lottery_draws WHERE draw_id IN (?)',
    [next],
  );
  return Math.min(nowMs, ...rows.map(({ draw_time: time }) => fromSqlTime(time)));
}
