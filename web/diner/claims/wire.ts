/** What the pages on claims read of the API. */
export interface Claim {
  claim_id: number;
  restaurant_id: number;
  bill_no: string;
  amount: number;
  paid_at: string;
  photo: { url: string; thumbnail_url: string } | null;
  status: 'pending' | 'approved' | 'rejected';
  /** That was given with the decision. */
  reason: string | null;
  /** That it has brought; null: it is not approved. */
  points: number | null;
  created_at: string;
  decided_at: string | null;
}

export interface Shop {
  restaurant_id: number;
  name: string;
}
