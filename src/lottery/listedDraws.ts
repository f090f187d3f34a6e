/*
 * Draws of others, for the administration.
 *
 * Of one user they come as in the user's own history, the newest first. Of a campaign, or of all, they come by their ids, which lead
 * through one campaign after the other, the newest campaign first: nothing else says the order of very many draws without an index
 * that every draw would have to pay for. Few draws win, and none of those keys tells which: a page of winners is looked for among
 * so many draws and no more, and says where it stopped.
 */
import type { LotteryDraw } from '../../entities/lottery/LotteryDraw.ts';
import { nobody, readPublicPeople, type PublicPerson } from '../identity/people/publicPeople.ts';
import { forceIndex } from '../platform/database/forceIndex.ts';
import { sqlTime } from '../platform/database/sqlValues.ts';
import type { Database } from '../platform/database/transaction.ts';
import { LIMITS } from '../platform/limits.ts';
import { DRAWS_PER_CAMPAIGN, drawIdOf } from './drawIds.ts';
import { newestPackedOf, packedBelow } from './archive/packedDraws.ts';
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

export interface DrawFilter {
  campaignId?: number | undefined;
  userId?: number | undefined;
  /** Those that won something alone. */
  isWinner?: boolean | undefined;
  before?: DrawPlace | undefined;
  limit: number;
}

export interface ListedDraw extends DrawnRecord {
  epoch: number;
  log_no: number;
  user: Omit<PublicPerson, 'is_staff'>;
}

export interface ListedDraws {
  items: ListedDraw[];
  /** Where the next page begins; undefined: nothing follows. Before it a page of winners may have fewer than its limit. */
  next: DrawPlace | undefined;
}

export async function listAllDraws(database: Database, filter: DrawFilter): Promise<ListedDraws> {
  const { rows, next: last } = await readPage(database, filter);
  const [records, people] = await Promise.all([
    toDrawnRecords(database, rows),
    readPublicPeople(
      database.currentReader,
      rows.map((row) => Number(row['user_id'])),
    ),
  ]);
  const items = rows.map((row, at) => {
    const userId = Number(row['user_id']);
    const { user_id, nickname, avatar_url } = people.get(userId) ?? nobody(userId);
    const user = { user_id, nickname, avatar_url };
    return { ...records[at]!, epoch: Number(row['fairness_epoch']), log_no: Number(row['log_no']), user };
  });
  return { items, next: last };
}

interface FoundRows {
  rows: DrawnRow[];
  next: DrawPlace | undefined;
}

/** Of the table and of packs, each looked through as far as the other one. */
async function readPage(database: Database, filter: DrawFilter): Promise<FoundRows> {
  const walk = walkOf(database, filter);
  const found = await readRows(database, walk, filter);
  const order = filter.userId === undefined ? byId : byPlace;
  const end = found.length < filter.limit ? await endOf(database, walk, filter) : placeOf(found.at(-1)!);
  const packed = await readPacked(database, filter);
  if (packed.rows.length === 0 && packed.next === undefined) return { rows: found, next: end };
  // Behind where one of the two stopped, the other one says nothing.
  const stops = [end, packed.next].filter((place) => place !== undefined);
  const stop = stops.sort((a, b) => comparePlaces(filter, a, b))[0];
  const rows = mergedRows(found, packed.rows, order).filter(
    (row) => stop === undefined || comparePlaces(filter, placeOf(row), stop) <= 0,
  );
  if (rows.length < filter.limit) return { rows, next: stop };
  const page = rows.slice(0, filter.limit);
  return { rows: page, next: placeOf(page.at(-1)!) };
}

/** Negative: `a` comes first. */
function comparePlaces({ userId }: DrawFilter, a: DrawPlace, b: DrawPlace): number {
  const byTime = userId === undefined ? 0 : b.drawnAtMs - a.drawnAtMs;
  return byTime || b.drawId - a.drawId;
}

function byId(a: DrawnRow, b: DrawnRow): number {
  return Number(b['draw_id']) - Number(a['draw_id']);
}

/** Among as many draws as are looked through in the table. */
async function readPacked(database: Database, filter: DrawFilter): Promise<FoundRows> {
  const { campaignId, userId, before, isWinner, limit } = filter;
  const most = isWinner === true ? LIMITS.drawsLookedThrough : limit;
  const manager = database.currentReader;
  const draws: LotteryDraw[] = [];
  let looked: LotteryDraw[] = [];
  if (userId === undefined) {
    for await (const draw of packedBelow(manager, { campaignId, drawId: before?.drawId }))
      if (looked.push(draw) === most) break;
  } else looked = await newestPackedOf(manager, { userId, campaignId, before, most });
  for (const draw of looked) {
    if (isWinner !== true || draw.is_winner) draws.push(draw);
    if (draws.length === limit) break;
  }
  const last = draws.length === limit ? draws.at(-1) : looked.length === most ? looked.at(-1) : undefined;
  const next = last && { drawnAtMs: last.draw_time.getTime(), drawId: last.draw_id };
  return { rows: await drawnRowsOf(database, draws), next };
}

/** The ids of the draws that a filter leads to, along one index. */
interface Walk {
  sql: string;
  order: readonly string[];
  parameters: (number | string)[];
}

function walkOf(database: Database, { campaignId, userId, before }: DrawFilter): Walk {
  const conditions: string[] = [];
  const parameters: (number | string)[] = [];
  const add = (condition: string, ...values: (number | string)[]) => {
    conditions.push(condition);
    parameters.push(...values);
  };
  if (userId !== undefined) add('user_id = ?', userId);
  if (campaignId !== undefined) {
    const ends = [drawIdOf(campaignId, 0), drawIdOf(campaignId, DRAWS_PER_CAMPAIGN)];
    add('draw_id > ? AND draw_id < ?', ...ends);
  }
  if (before !== undefined && userId === undefined) add('draw_id < ?', before.drawId);
  if (before !== undefined && userId !== undefined) {
    const at = sqlTime(before.drawnAtMs);
    add('draw_time <= ? AND (draw_time < ? OR draw_id < ?)', at, at, before.drawId);
  }
  const index = userId === undefined ? '' : forceIndex(database.dialect, 'lottery_draws_user_time');
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  const order = userId === undefined ? ['draw_id DESC'] : ['draw_time DESC', 'draw_id DESC'];
  return { sql: `FROM lottery_draws${index} ${where} ORDER BY ${order.join(', ')}`, order, parameters };
}

function readRows(database: Database, walk: Walk, { isWinner, limit }: DrawFilter): Promise<DrawnRow[]> {
  const order = walk.order.map((column) => `d.${column}`).join(', ');
  const ids = `SELECT draw_id ${walk.sql} LIMIT ?`;
  if (isWinner !== true)
    return database.readCurrent<DrawnRow>(drawnRowsSql(ids, order), [...walk.parameters, limit]);
  const winners = `SELECT d.draw_id FROM (${ids}) walked JOIN lottery_draws d ON d.draw_id = walked.draw_id
                   WHERE d.is_winner = 1 ORDER BY ${order} LIMIT ?`;
  const parameters = [...walk.parameters, LIMITS.drawsLookedThrough, limit];
  return database.readCurrent<DrawnRow>(drawnRowsSql(winners, order), parameters);
}

/** Where a page stopped that found too few; undefined: there are no more draws. */
async function endOf(
  database: Database,
  walk: Walk,
  { isWinner }: DrawFilter,
): Promise<DrawPlace | undefined> {
  if (isWinner !== true) return undefined;
  const [row] = await database.readCurrent<DrawnRow>(
    `SELECT draw_id, draw_time ${walk.sql} LIMIT 1 OFFSET ?`,
    [...walk.parameters, LIMITS.drawsLookedThrough - 1],
  );
  return row && placeOf(row);
}
