import { LIMITS } from '../limits.ts';

/** One diner's standing in a campaign. */
export interface Score {
  userId: number;
  nickname: string;
  draws: number;
  wins: number;
  /** 1/100 points. */
  prizeValue: number;
  firstDrawNo: number;
}

/** Negative when `a` stands before `b`: by prize value, wins, draws, then who came first. */
export function compareScores(a: Score, b: Score): number {
  return b.prizeValue - a.prizeValue || b.wins - a.wins || b.draws - a.draws || a.firstDrawNo - b.firstDrawNo;
}

/**
 * The top rows of a campaign, in memory. Scores only grow, so a diner can enter or rise by an update of their own alone,
 * and the rows kept here are always the true top: nobody outside can overtake without being told of.
 */
export class Leaderboard {
  private rows: Score[];

  constructor(rows: readonly Score[]) {
    this.rows = [...rows].sort(compareScores).slice(0, LIMITS.leaderboardRows);
  }

  get top(): readonly Score[] {
    return this.rows;
  }

  /** Takes over the new scores of those who drew. Returns whether anything on the board changed. */
  update(scores: readonly Score[]): boolean {
    const last = this.rows[LIMITS.leaderboardRows - 1];
    const listed = new Set(this.rows.map((row) => row.userId));
    const entering = scores.filter(
      (score) => last === undefined || listed.has(score.userId) || compareScores(score, last) < 0,
    );
    if (entering.length === 0) return false;
    const entered = new Set(entering.map((score) => score.userId));
    this.rows = this.rows
      .filter((row) => !entered.has(row.userId))
      .concat(entering)
      .sort(compareScores)
      .slice(0, LIMITS.leaderboardRows);
    return true;
  }
}
