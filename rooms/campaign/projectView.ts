import type { PublicView } from '../../src/lottery/publicView.ts';
import { fill } from '../kernel/fill.ts';
import {
  CampaignState,
  CountdownState,
  FairnessState,
  LeaderboardRow,
  PrizeState,
  RecentWinner,
} from './campaignState.ts';

export function createCampaignState(): CampaignState {
  const state = new CampaignState();
  state.fairness = new FairnessState();
  state.countdown = new CountdownState();
  return state;
}

/** Copies a view into the synced state; unchanged fields cost nothing on the wire. */
export function projectView(state: CampaignState, view: PublicView): void {
  const { prizes, leaderboard, recent_winners: winners, fairness, countdown, ...fields } = view;
  Object.assign(state, fields, {
    total_draws: fields.total_draws ?? undefined,
    remaining_draws: fields.remaining_draws ?? undefined,
  });
  Object.assign(state.fairness, fairness);
  Object.assign(state.countdown, countdown);
  fill(state.prizes, PrizeState, prizes, (row, prize) =>
    Object.assign(row, prize, {
      remaining: prize.remaining ?? undefined,
      total: prize.total ?? undefined,
    }),
  );
  fill(state.leaderboard, LeaderboardRow, leaderboard, Object.assign);
  fill(state.recent_winners, RecentWinner, winners, Object.assign);
}
