import { schema, t, type SchemaType } from '@colyseus/schema';

/** What every client of a campaign sees. Field names are the wire's; names of users are masked nicknames. */
export const PrizeState = schema(
  {
    prize_id: t.number(),
    name: t.string(),
    type: t.string(),
    tier: t.string(),
    value: t.float64(),
    /** Absent: unlimited. */
    remaining: t.number().optional(),
    total: t.number().optional(),
    probability: t.float64(),
  },
  'PrizeState',
);
export type PrizeState = SchemaType<typeof PrizeState>;

export const LeaderboardRow = schema(
  {
    rank: t.number(),
    user_id: t.number(),
    nickname: t.string(),
    draws: t.number(),
    wins: t.number(),
    prize_value: t.float64(),
  },
  'LeaderboardRow',
);
export type LeaderboardRow = SchemaType<typeof LeaderboardRow>;

export const RecentWinner = schema(
  {
    draw_no: t.number(),
    user_id: t.number(),
    nickname: t.string(),
    prize_name: t.string(),
    at: t.string(),
  },
  'RecentWinner',
);
export type RecentWinner = SchemaType<typeof RecentWinner>;

export const FairnessState = schema(
  { epoch: t.number(), server_seed_hash: t.string(), chain_head: t.string() },
  'FairnessState',
);
export type FairnessState = SchemaType<typeof FairnessState>;

export const CountdownState = schema({ phase: t.string(), seconds: t.number() }, 'CountdownState');
export type CountdownState = SchemaType<typeof CountdownState>;

export const CampaignState = schema(
  {
    campaign_id: t.number(),
    name: t.string(),
    status: t.string(),
    starts_at: t.string(),
    ends_at: t.string(),
    cost_per_draw: t.float64(),
    /** Absent: no bound. */
    total_draws: t.number().optional(),
    remaining_draws: t.number().optional(),
    draw_no: t.number(),
    participants: t.number(),
    online: t.number(),
    prizes: t.array(PrizeState),
    leaderboard: t.array(LeaderboardRow),
    recent_winners: t.array(RecentWinner),
    fairness: FairnessState,
    /** Of a diner and a day. */
    free_draws: t.number(),
    countdown: CountdownState,
  },
  'CampaignState',
);
export type CampaignState = SchemaType<typeof CampaignState>;
