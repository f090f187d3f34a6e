/** A diner's own draws, newest first. */
import { forceIndex } from '../platform/database/forceIndex.ts';
import { readPage, type PartOfList } from '../platform/database/readPage.ts';
import { sqlTime } from '../platform/database/sqlValues.ts';
import type { Database } from '../platform/database/transaction.ts';
import type { Page, PageQuery } from '../platform/shapes.ts';
import { DRAWS_PER_CAMPAIGN, drawIdOf } from './drawIds.ts';
import { newestPackedOf } from './archive/packedDraws.ts';
import {
  byPlace,
  drawnRowsOf,
  drawnRowsSql,
  mergedRows,
  placeOf,
  toDrawnRecords,
  type DrawnRow,
  type DrawPlace,
} from './drawnRows.ts';
import type { DrawnRecord } from './views.ts';

export interface HistoryQuery extends PageQuery {
  userId: number;
  campaignId: number | undefined;
  /** The draw that the page begins after; `page` means nothing then. */
  before?: DrawPlace | undefined;
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
  return { ...page, items: await toDrawnRecords(database, rows), last: row && placeOf(row) };
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

/** Of the table, and of packs where the diner has draws in some. */
async function readDraws(database: Database, query: HistoryQuery, part: PartOfList): Promise<DrawnRow[]> {
  const rows = await readRows(database, query, part);
  const most = part.skip + part.take;
  const packed = await newestPackedOf(database.currentReader, { ...query, most });
  if (packed.length === 0) return rows;
  const others = part.skip === 0 ? rows : await readRows(database, query, { take: most, skip: 0 });
  return mergedRows(others, await drawnRowsOf(database, packed), byPlace).slice(part.skip, most);
}

/** The page is found in the index alone, however far down it is; only its own draws are read. */
async function readRows(
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
    drawnRowsSql(
      `SELECT draw_id FROM lottery_draws${forceIndex(database.dialect, 'lottery_draws_user_time')}
       WHERE ${conditions.join(' AND ')} ORDER BY draw_time DESC, draw_id DESC LIMIT ? OFFSET ?`,
      'd.draw_time DESC, d.draw_id DESC',
    ),
    [...parameters, take, skip],
  );
}
