/** A diner's own draws, newest first. */
import { forceIndex } from '../platform/database/forceIndex.ts';
import { readPage, type PartOfList } from '../platform/database/readPage.ts';
import { fromSqlPoints, fromSqlTime, sqlTime } from '../platform/database/sqlValues.ts';
import type { Database } from '../platform/database/transaction.ts';
import { toWireTime, type Page, type PageQuery } from '../platform/shapes.ts';
import { DRAWS_PER_CAMPAIGN, drawIdOf } from './drawIds.ts';
import { readPrizesOfThen, type PublishedPrizes } from './publishedPrizes.ts';
import type { DrawnRecord } from './views.ts';

export interface HistoryQuery extends PageQuery {
  userId: number;
  campaignId: number | undefined;
  /** The draw that the page begins after; `page` means nothing then. */
  before?: DrawPlace | undefined;
}

/** Where a draw stands in a history. Clocks step back, so the time alone may be that of several draws apart. */
export interface DrawPlace {
  drawnAtMs: number;
  drawId: number;
}

export interface History extends Page<DrawnRecord> {
  /** The last of the page, where others may follow. */
  last: DrawPlace | undefined;
}

export async function listDraws(database: Database, query: HistoryQuery): Promise<History> {
  const { items: rows, ...page } = await readPage(query, {
    items: (part) => readDraws(database, query, part),
    count: () => countDraws(database, query),
  });
  const row = rows.length < query.limit ? undefined : rows.at(-1);
  const last = row && {
    drawnAtMs: fromSqlTime(row['draw_time'] as Date | string),
    drawId: Number(row['draw_id']),
  };
  return { ...page, items: await toDrawnRecords(database, rows), last };
}

/** From what is counted with each draw, one row per campaign: the draws themselves may be very many. */
async function countDraws(database: Database, { userId, campaignId }: HistoryQuery): Promise<number> {
  const [row] = await database.readCurrent<{ total: number | string | null }>(
    `SELECT SUM(draws) AS total FROM lottery_user_counters
     WHERE user_id = ?${campaignId === undefined ? '' : ' AND campaign_id = ?'}`,
    campaignId === undefined ? [userId] : [userId, campaignId],
  );
  return Number(row?.total ?? 0);
}

type DrawnRow = Record<string, string | number | Date | null>;

/** The page is found in the index alone, however far down it is; only its own draws are read. */
async function readDraws(
  database: Database,
  { userId, campaignId, before }: HistoryQuery,
  { take, skip }: PartOfList,
): Promise<DrawnRow[]> {
  const conditions = ['user_id = ?'];
  const parameters: (number | string)[] = [userId];
  if (campaignId !== undefined) {
    conditions.push('draw_id > ? AND draw_id < ?');
    parameters.push(drawIdOf(campaignId, 0), drawIdOf(campaignId, DRAWS_PER_CAMPAIGN));
  }
  if (before !== undefined) {
    const at = sqlTime(before.drawnAtMs);
    conditions.push('draw_time <= ? AND (draw_time < ? OR draw_id < ?)');
    parameters.push(at, at, before.drawId);
  }
  return database.readCurrent<DrawnRow>(
    `SELECT d.*, p.prize_name, p.prize_type, p.prize_value, c.table_version AS present_version
     FROM (SELECT draw_id FROM lottery_draws${forceIndex(database.dialect, 'lottery_draws_user_time')}
           WHERE ${conditions.join(' AND ')} ORDER BY draw_time DESC, draw_id DESC LIMIT ? OFFSET ?) listed
     JOIN lottery_draws d ON d.draw_id = listed.draw_id
     JOIN lottery_campaigns c ON c.campaign_id = d.campaign_id
     LEFT JOIN lottery_prizes p ON p.prize_id = d.prize_id
     ORDER BY d.draw_time DESC, d.draw_id DESC`,
    [...parameters, take, skip],
  );
}

/** With what was won as it was called when it was won. */
async function toDrawnRecords(
  { currentReader }: Database,
  rows: readonly DrawnRow[],
): Promise<DrawnRecord[]> {
  const ofThen = await readPrizesOfThen(
    currentReader,
    rows.map((row) => ({
      campaignId: Number(row['campaign_id']),
      version: Number(row['table_version']),
      presentVersion: Number(row['present_version']),
    })),
  );
  return rows.map((row) =>
    toDrawnRecord(row, ofThen.get(Number(row['campaign_id']))?.get(Number(row['table_version']))),
  );
}

function toDrawnRecord(row: DrawnRow, ofThen: PublishedPrizes | undefined): DrawnRecord {
  return {
    draw_id: Number(row['draw_id']),
    draw_no: Number(row['draw_no']),
    campaign_id: Number(row['campaign_id']),
    request_id: String(row['request_id']),
    is_winner: row['prize_id'] !== null,
    is_guarantee: Number(row['is_guarantee']) === 1,
    prize: row['prize_id'] === null ? null : wonPrize(row, ofThen),
    points_cost: fromSqlPoints(Number(row['points_cost'])) / 100,
    drawn_at: toWireTime(fromSqlTime(row['draw_time'] as Date | string)),
  };
}

function wonPrize(row: DrawnRow, ofThen: PublishedPrizes | undefined): NonNullable<DrawnRecord['prize']> {
  const prizeId = Number(row['prize_id']);
  const { name, type, value } = ofThen?.get(prizeId) ?? {
    name: String(row['prize_name']),
    type: String(row['prize_type']),
    value: fromSqlPoints(Number(row['prize_value'])),
  };
  return { prize_id: prizeId, name, type, value: value / 100 };
}
