/** What the pages read of the API. Shapes are those of the OpenAPI document. */
export interface Page<Item> {
  items: Item[];
}

export interface Campaign {
  campaign_id: number;
  name: string;
  status: 'draft' | 'scheduled' | 'active' | 'paused' | 'ended' | 'archived';
  cost_per_draw: number;
  free_draws_per_day: number;
}

export interface CampaignDetail extends Campaign {
  prizes: { prize_id: number; name: string; type: string; remaining: number | null; total: number | null }[];
  guarantee_threshold: number | null;
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
