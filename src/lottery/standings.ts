/**
 * Standings of a campaign from committed rows, for its new owner: the best diners and the last winners. Neither read grows with
 * diners or draws, and both are of the primary: a replica may not have the last owner's commits yet.
 */
import { LIMITS } from '../platform/limits.ts';
import { forceIndex } from '../platform/database/forceIndex.ts';
import { fromSqlPoints, fromSqlTime, sqlPoints } from '../platform/database/sqlValues.ts';
import type { Database } from '../platform/database/transaction.ts';
import type { Winner } from './drawBatch.ts';
import { compareScores, type Score } from './leaderboard.ts';
import type { Pool } from './pool.ts';
import { findPackedDraws } from './archive/packedDraws.ts';
import { drawIdOf } from './drawIds.ts';
import { drawnRowsOf } from './drawnRows.ts';
import { readPrizesOfThen } from './publishedPrizes.ts';

/** Draws before the newest among which winners are looked for besides those that the campaign names. */
const LATEST_DRAWS = 1000;

/**
 * The first `limit` by prize value, wins, draws, then who came first. All but the last of these descend, as no index read in one
 * direction does; so those who are tied with the last one are read a second time, from the first comer on.
 */
export async function readTopScores(
  database: Database,
  campaignId: number,
  limit: number = LIMITS.rankedDiners,
): Promise<Score[]> {
  const inCampaign = { condition: 'campaign_id = ?', parameters: [campaignId] };
  const best = await readScores(database, inCampaign, { order: BEST_FIRST, limit });
  const last = best.sort(compareScores).at(-1);
  if (last === undefined) return [];
  const above = best.filter((score) => !isTied(score, last));
  const ties = {
    condition: 'campaign_id = ? AND prize_value = ? AND wins = ? AND draws = ?',
    parameters: [campaignId, sqlPoints(last.prizeValue), last.wins, last.draws],
  };
  const tied = await readScores(database, ties, { order: 'first_draw_no', limit: limit - above.length });
  return [...above, ...tied].sort(compareScores);
}

/** As the index is read backwards. */
const BEST_FIRST = 'prize_value DESC, wins DESC, draws DESC, first_draw_no DESC';

async function readScores(
  database: Database,
  { condition, parameters }: { condition: string; parameters: number[] },
  { order, limit }: { order: string; limit: number },
): Promise<Score[]> {
  const rows = await database.readCurrent<Record<string, string | number>>(
    `SELECT best.*, u.nickname
     FROM (SELECT user_id, draws, wins, prize_value, first_draw_no
           FROM lottery_user_counters${forceIndex(database.dialect, 'lottery_user_counters_rank')}
           WHERE ${condition} ORDER BY ${order} LIMIT ?) best
     JOIN users u ON u.user_id = best.user_id`,
    [...parameters, limit],
  );
  return rows.map((row) => ({
    userId: Number(row['user_id']),
    nickname: String(row['nickname']),
    draws: Number(row['draws']),
    wins: Number(row['wins']),
    prizeValue: fromSqlPoints(row['prize_value']!),
    firstDrawNo: Number(row['first_draw_no']),
  }));
}

function isTied(a: Score, b: Score): boolean {
  return a.prizeValue === b.prizeValue && a.wins === b.wins && a.draws === b.draws;
}

/** Newest first: those that the campaign's row names, and what an owner that does not write them there has drawn lately. */
export async function readRecentWinners(
  database: Database,
  {
    campaignId,
    drawNo,
    recentWins,
    tableVersion,
  }: Pick<Pool, 'campaignId' | 'drawNo' | 'recentWins' | 'tableVersion'>,
): Promise<Winner[]> {
  const latest = await database.readCurrent<{ draw_no: number | string }>(
    `SELECT draw_no FROM lottery_draws
     WHERE draw_id > ? AND draw_id <= ? AND prize_id IS NOT NULL ORDER BY draw_id DESC LIMIT ?`,
    [
      drawIdOf(campaignId, Math.max(0, drawNo - LATEST_DRAWS)),
      drawIdOf(campaignId, drawNo),
      LIMITS.recentWinners,
    ],
  );
  const drawNos = new Set([...recentWins, ...latest.map((row) => Number(row.draw_no))]);
  if (drawNos.size === 0) return [];
  const found = await database.readCurrent<WinnerRow>(
    `SELECT d.draw_no, d.user_id, d.draw_time, d.table_version, d.prize_id, u.nickname, p.prize_name
     FROM lottery_draws d
     JOIN users u ON u.user_id = d.user_id
     JOIN lottery_prizes p ON p.prize_id = d.prize_id
     WHERE d.draw_id IN (?) ORDER BY d.draw_id DESC LIMIT ?`,
    [[...drawNos].map((no) => drawIdOf(campaignId, no)), LIMITS.recentWinners],
  );
  const known = new Set(found.map((row) => Number(row.draw_no)));
  const missing = [...drawNos].filter((no) => !known.has(no));
  const packed = await packedWinners(database, campaignId, missing);
  const rows = [...found, ...packed]
    .sort((a, b) => Number(b.draw_no) - Number(a.draw_no))
    .slice(0, LIMITS.recentWinners);
  const told = rows.map((row) => ({ campaignId, version: row.table_version, presentVersion: tableVersion }));
  const ofThen = (await readPrizesOfThen(database.currentReader, told)).get(campaignId);
  return rows.map((row) => ({
    drawNo: Number(row.draw_no),
    userId: row.user_id,
    nickname: row.nickname,
    prizeName: ofThen?.get(row.table_version)?.get(row.prize_id)?.name ?? row.prize_name,
    atMs: fromSqlTime(row.draw_time),
  }));
}

interface WinnerRow {
  draw_no: number | string;
  user_id: number;
  draw_time: Date | string;
  nickname: string;
  prize_id: number;
  prize_name: string;
  table_version: number;
}

/** Of a campaign that was over long ago. */
async function packedWinners(
  database: Database,
  campaignId: number,
  drawNos: readonly number[],
): Promise<WinnerRow[]> {
  const ids = drawNos.map((no) => drawIdOf(campaignId, no));
  const draws = await findPackedDraws(database.currentReader, ids);
  if (draws.length === 0) return [];
  const [nicknames, rows] = await Promise.all([
    readNicknames(database, [...new Set(draws.map((draw) => draw.user_id))]),
    drawnRowsOf(database, draws),
  ]);
  return draws.flatMap((draw, at) =>
    draw.prize_id === null
      ? []
      : {
          ...draw,
          prize_id: draw.prize_id,
          nickname: nicknames.get(draw.user_id) ?? '',
          prize_name: String(rows[at]!['prize_name']),
        },
  );
}

/** Of a few users, as they are called now. */
export async function readNicknames(
  database: Database,
  userIds: readonly number[],
): Promise<Map<number, string>> {
  const rows = await database.readCurrent<{ user_id: number; nickname: string }>(
    'SELECT user_id, nickname FROM users WHERE user_id IN (?)',
    [userIds],
  );
  return new Map(rows.map((row) => [Number(row.user_id), row.nickname]));
}
