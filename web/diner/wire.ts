/** What the pages read of the API. Shapes are those of the OpenAPI document. */
export interface Page<Item> {
  items: Item[];
}

export interface Campaign {
  campaign_id: number;
  name: string;
  type: string;
  status: 'draft' | 'scheduled' | 'active' | 'paused' | 'ended' | 'archived';
  starts_at: string;
  ends_at: string;
  cost_per_draw: number;
  free_draws_per_day: number;
}

export interface CampaignDetail extends Campaign {
  prizes: {
    prize_id: number;
    name: string;
    type: string;
    remaining: number | null;
    total: number | null;
    probability?: number;
    effective_probability?: number;
  }[];
  guarantee_threshold: number | null;
  draws_per_user_per_day: number | null;
  wins_per_user: number | null;
  my_record: { draws: number; wins: number; streak: number; prize_value: number };
}

export interface Account {
  available_points: number;
  level: number;
}

export interface CheckIns {
  days: { date: string; points: number }[];
  streak: number;
  checked_in_today: boolean;
}

export interface WonPrize {
  item_id: number;
  draw_id: number | null;
  name: string;
  type: string;
  status: 'unclaimed' | 'claimed' | 'redeemed' | 'expired' | 'void';
  won_at: string;
  expires_at: string | null;
}
