import type { ArraySchema } from '@colyseus/schema';
import { maskNickname } from '../src/auth/mask.ts';
import type { Campaign } from '../src/lottery/campaign.ts';
import { CampaignState, FairnessState, LeaderboardRow, PrizeState, RecentWinner } from './campaignState.ts';

export function createCampaignState(): CampaignState {
  const state = new CampaignState();
  state.fairness = new FairnessState();
  return state;
}

/** Copies the campaign's committed values into the synced state; unchanged fields cost nothing on the wire. */
export function projectCampaign(state: CampaignState, campaign: Campaign, online: number): void {
  const { pool } = campaign;
  state.campaign_id = pool.campaignId;
  state.name = pool.name;
  state.status = pool.status;
  state.starts_at = new Date(pool.startsAtMs).toISOString();
  state.ends_at = new Date(pool.endsAtMs).toISOString();
  state.cost_per_draw = pool.costPerDraw / 100;
  state.total_draws = pool.totalDraws ?? undefined;
  state.remaining_draws = pool.remainingDraws ?? undefined;
  state.draw_no = pool.drawNo;
  state.participants = pool.participants;
  state.online = online;
  state.fairness.epoch = pool.seed.epoch;
  state.fairness.server_seed_hash = pool.seed.serverSeedHash;
  state.fairness.chain_head = pool.chainHead;
  projectPrizes(state, campaign);
  fill(state.leaderboard, LeaderboardRow, campaign.leaderboard.top, (row, score, at) => {
    row.rank = at + 1;
    row.user_id = score.userId;
    row.nickname = maskNickname(score.nickname);
    row.draws = score.draws;
    row.wins = score.wins;
    row.prize_value = score.prizeValue / 100;
  });
  fill(state.recent_winners, RecentWinner, campaign.recentWinners, (row, winner) => {
    row.draw_no = winner.drawNo;
    row.user_id = winner.userId;
    row.nickname = maskNickname(winner.nickname);
    row.prize_name = winner.prizeName;
    row.at = new Date(winner.atMs).toISOString();
  });
}

function projectPrizes(state: CampaignState, { pool }: Campaign): void {
  const inOrder = pool.engine.config.prizes.flatMap(({ prize_id }) => pool.prizes.get(prize_id) ?? []);
  fill(state.prizes, PrizeState, inOrder, (row, prize) => {
    row.prize_id = prize.prizeId;
    row.name = prize.name;
    row.type = prize.type;
    row.tier = prize.tier;
    row.value = prize.value / 100;
    row.remaining = pool.stock.get(prize.prizeId) ?? undefined;
    row.total = prize.total ?? undefined;
    row.probability = prize.probability / 1e8;
  });
}

/** Writes rows in place; a place that is new is filled before it joins the list. These lists never get shorter. */
function fill<Row, Item>(
  rows: ArraySchema<Row>,
  RowType: new () => Row,
  items: readonly Item[],
  write: (row: Row, item: Item, at: number) => void,
): void {
  items.forEach((item, at) => {
    const known = rows[at];
    const row = known ?? new RowType();
    write(row, item, at);
    if (known === undefined) rows.push(row);
  });
}
