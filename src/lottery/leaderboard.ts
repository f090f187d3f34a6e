import { LIMITS } from '../platform/limits.ts';

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

type Placed = Omit<Score, 'nickname'>;

/** Negative when `a` stands before `b`: by prize value, wins, draws, then who came first. */
export function compareScores(a: Placed, b: Placed): number {
  return (
    b.prizeValue - a.prizeValue ||
    b.wins - a.wins ||
    b.draws - a.draws ||
    a.firstDrawNo - b.firstDrawNo ||
    a.userId - b.userId
  );
}

/** New scores that are kept until somebody looks. */
const MAX_WAITING = 10_000;

/**
 * The first places of a campaign, in memory. Scores only grow, so a diner can enter or rise by an update of their own alone, and
 * the places kept here are always the true ones: nobody outside can overtake without being told of.
 *
 * Draws only leave their new scores here; they find their places when somebody looks.
 */
export class Leaderboard {
  /** In the order of their places. */
  private readonly rows: Score[];
  private readonly placed: Map<number, Score>;
  private readonly waiting = new Map<number, Score>();

  constructor(rows: readonly Score[]) {
    this.rows = [...rows].sort(compareScores).slice(0, LIMITS.rankedDiners);
    this.placed = new Map(this.rows.map((row) => [row.userId, row]));
  }

  /** The rows that everybody is shown. */
  get top(): readonly Score[] {
    this.placeWaiting();
    return this.rows.slice(0, LIMITS.leaderboardRows);
  }

  /** A diner's place from 1; undefined: they have none among those kept here. */
  rankOf(userId: number): number | undefined {
    this.placeWaiting();
    const row = this.placed.get(userId);
    return row && this.countBefore(row) + 1;
  }

  /** Names change without anybody's place. */
  rename(nicknames: ReadonlyMap<number, string>): void {
    this.placeWaiting();
    for (const [userId, nickname] of nicknames) {
      const row = this.placed.get(userId);
      if (row !== undefined) row.nickname = nickname;
    }
  }

  /** Takes over the new scores of those who drew. */
  update(scores: readonly Score[]): void {
    for (const score of scores) this.waiting.set(score.userId, score);
    if (this.waiting.size > MAX_WAITING) this.placeWaiting();
  }

  private placeWaiting(): void {
    for (const score of this.waiting.values()) this.place(score);
    this.waiting.clear();
  }

  private place(score: Score): void {
    const { rows, placed } = this;
    const before = placed.get(score.userId);
    const last = rows[LIMITS.rankedDiners - 1];
    if (before !== undefined) rows.splice(this.countBefore(before), 1);
    else if (last !== undefined && compareScores(last, score) < 0) return;
    rows.splice(this.countBefore(score), 0, score);
    placed.set(score.userId, score);
    if (rows.length > LIMITS.rankedDiners) placed.delete(rows.pop()!.userId);
  }

  /** How many stand before a score. */
  private countBefore(score: Score): number {
    let from = 0;
    let to = this.rows.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if (compareScores(this.rows[middle]!, score) < 0) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}
