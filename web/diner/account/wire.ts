/** What the pages on the account read of the API. */
export interface LoginSession {
  session_id: number;
  ip: string | null;
  user_agent: string | null;
  created_at: string;
  refreshed_at: string | null;
  expires_at: string;
  is_current: boolean;
}

export interface OwnMerge {
  merge_id: number;
  status: 'pending' | 'done' | 'declined' | 'cancelled' | 'expired';
  /** from: my account ends; into: it stays. */
  side: 'from' | 'into';
  /** The mobile is masked; null once that account is closed. */
  other: { nickname: string; mobile: string | null };
  is_number_lost: boolean;
  confirmed_by_me: boolean;
  confirmed_by_other: boolean;
  points: number | null;
  items: number | null;
  created_at: string;
  expires_at: string;
  ended_at: string | null;
}
