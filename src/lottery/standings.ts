/** Standings of a campaign from committed rows: the leaderboard, one's own place, the last winners. */
import { LIMITS } from '../limits.ts';
import { fromSqlTime, sqlPoints } from '../database/sqlValues.ts';
import type { Database } from '../database/transaction.ts';
import type { Score } from './leaderboard.ts';
import type { Winner } from './drawBatch.ts';
import { toCounter, type Counter } from './counters.ts';

/** Place from 1, by prize value, wins, draws, then who came first. */
export async function readRank(database: Database, campaignId: number, own: Counter): Promise<number> {
  const value = sqlPoints(own.prizeValue);
  const [row] = await database.read<{ ahead: number | string }>(
    `SELECT COUNT(*) AS ahead FROM lottery_user_counters
     WHERE campaign_id = ? AND (prize_value > ?
       OR (prize_value = ? AND (wins > ?
       OR (wins = ? AND (draws > ?
       OR (draws = ? AND first_draw_no < ?))))))`,
    [campaignId, value, value, own.wins, own.wins, own.draws, own.draws, own.firstDrawNo],
  );
  return Number(row?.ahead ?? 0) + 1;
}

export async function readTopScores(database: Database, campaignId: number): Promise<Score[]> {
  const rows = await database.read<Record<string, string | number>>(
    `SELECT c.*, u.nickname FROM lottery_user_counters c JOIN users u ON u.user_id = c.user_id
     WHERE c.campaign_id = ?
     ORDER BY c.prize_value DESC, c.wins DESC, c.draws DESC, c.first_draw_no LIMIT ?`,
    [campaignId, LIMITS.leaderboardRows],
  );
  return rows.map((row) => {
    const { userId, draws, wins, prizeValue, firstDrawNo } = toCounter(row);
    return { userId, draws, wins, prizeValue, firstDrawNo, nickname: String(row['nickname']) };
  });
}

/** Newest first. */
export async function readRecentWinners(database: Database, campaignId: number): Promise<Winner[]> {
  const rows = await database.read<{
    draw_no: number | string;
    user_id: number;
    draw_time: Date | string;
    nickname: string;
    prize_name: string;
  }>(
    `SELECT d.draw_no, d.user_id, d.draw_time, u.nickname, p.prize_name
     FROM lottery_draws d
     JOIN users u ON u.user_id = d.user_id
     JOIN lottery_prizes p ON p.prize_id = d.prize_id
     WHERE d.campaign_id = ? AND d.prize_id IS NOT NULL ORDER BY d.log_no DESC LIMIT ?`,
    [campaignId, LIMITS.recentWinners],
  );
  return rows.map((row) => ({
    drawNo: Number(row.draw_no),
    userId: row.user_id,
    nickname: row.nickname,
    prizeName: row.prize_name,
    atMs: fromSqlTime(row.draw_time),
  }));
}
