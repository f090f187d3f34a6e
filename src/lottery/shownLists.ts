/** The long lists of a campaign's view. */
import { maskNickname } from '../identity/login/mask.ts';
import type { Board } from './board.ts';
import type { Lists } from './publicView.ts';

/** With fewer draws than this since they were last made, lists are as new as the rest of the view. */
const CALM_DRAWS = 100;
const BUSY_RENEWAL_MS = 300;

/**
 * Lists are made with every view, until draws come faster than anybody can read: each patch would then change every row of both,
 * and reading them is most of what a phone has to do in a full house. They are made a few times a second then.
 */
export class ShownLists {
  private lists: Lists = { leaderboard: [], recent_winners: [] };
  private drawNo = 0;
  private madeMs = Number.NEGATIVE_INFINITY;
  private isBehind_ = false;

  /** @param nowMs in time that passes */
  of(board: Pick<Board, 'leaderboard' | 'recentWinners'>, drawNo: number, nowMs: number): Lists {
    this.isBehind_ = drawNo - this.drawNo >= CALM_DRAWS && nowMs - this.madeMs < BUSY_RENEWAL_MS;
    if (!this.isBehind_) {
      this.lists = listsOf(board);
      this.drawNo = drawNo;
      this.madeMs = nowMs;
    }
    return this.lists;
  }

  /** The lists given last are older than the rest: another view is due, though nothing changes any more. */
  get isBehind(): boolean {
    return this.isBehind_;
  }
}

/** Names of users are masked nicknames. */
function listsOf({ leaderboard, recentWinners }: Pick<Board, 'leaderboard' | 'recentWinners'>): Lists {
  return {
    leaderboard: leaderboard.top.map((score, at) => ({
      rank: at + 1,
      user_id: score.userId,
      nickname: maskNickname(score.nickname),
      draws: score.draws,
      wins: score.wins,
      prize_value: score.prizeValue / 100,
    })),
    recent_winners: recentWinners.map((winner) => ({
      draw_no: winner.drawNo,
      user_id: winner.userId,
      nickname: maskNickname(winner.nickname),
      prize_name: winner.prizeName,
      at: new Date(winner.atMs).toISOString(),
    })),
  };
}
