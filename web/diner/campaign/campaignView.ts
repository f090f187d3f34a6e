import type { CampaignState } from '../../../rooms/campaign/campaignState.ts';

/** What the page shows of a room at one moment: the room's own state changes under whoever holds it. */
export interface CampaignView {
  name: string;
  status: string;
  cost: number;
  online: number;
  phase: string;
  seconds: number;
  prizes: {
    prize_id: number;
    name: string;
    type: string;
    remaining: number | undefined;
    total: number | undefined;
  }[];
  winner: { nickname: string; prize: string } | undefined;
}

export function viewOf(state: CampaignState): CampaignView {
  const [winner] = [...state.recent_winners];
  return {
    name: state.name,
    status: state.status,
    cost: state.cost_per_draw,
    online: state.online,
    phase: state.countdown.phase,
    seconds: state.countdown.seconds,
    prizes: [...state.prizes].map(({ prize_id, name, type, remaining, total }) => ({
      ...{ prize_id, name, type, remaining, total },
    })),
    winner: winner === undefined ? undefined : { nickname: winner.nickname, prize: winner.prize_name },
  };
}
