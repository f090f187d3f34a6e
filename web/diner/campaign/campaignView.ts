import type { CampaignState } from '../../../rooms/campaign/campaignState.ts';

export interface PrizeRow {
  prize_id: number;
  name: string;
  type: string;
  remaining: number | undefined;
  total: number | undefined;
}

/** What the page shows of a room at one moment: the room's own state changes under whoever holds it. */
export interface CampaignView {
  name: string;
  status: string;
  cost: number;
  online: number;
  phase: string;
  seconds: number;
  prizes: PrizeRow[];
  board: { rank: number; user_id: number; nickname: string; wins: number; value: number }[];
  winners: { draw_no: number; user_id: number; nickname: string; prize: string; at: string }[];
  seedHash: string;
}

/** Rows that are shown of the board. */
const BOARD = 10;

/** @param before the view before, of which what has not changed is kept */
export function viewOf(state: CampaignState, before: CampaignView | undefined): CampaignView {
  const prizes = [...state.prizes].map(({ prize_id, name, type, remaining, total }) => ({
    ...{ prize_id, name, type, remaining, total },
  }));
  return {
    name: state.name,
    status: state.status,
    cost: state.cost_per_draw,
    online: state.online,
    phase: state.countdown.phase,
    seconds: state.countdown.seconds,
    prizes: before !== undefined && isSame(before.prizes, prizes) ? before.prizes : prizes,
    board: [...state.leaderboard]
      .slice(0, BOARD)
      .map(({ rank, user_id, nickname, wins, prize_value: value }) => ({
        ...{ rank, user_id, nickname, wins, value },
      })),
    winners: [...state.recent_winners].map(({ draw_no, user_id, nickname, prize_name: prize, at }) => ({
      ...{ draw_no, user_id, nickname, prize, at },
    })),
    seedHash: state.fairness.server_seed_hash,
  };
}

function isSame(some: readonly PrizeRow[], others: readonly PrizeRow[]): boolean {
  return (
    some.length === others.length &&
    some.every((row, at) => {
      const other = others[at]!;
      return (Object.keys(row) as (keyof PrizeRow)[]).every((key) => row[key] === other[key]);
    })
  );
}
