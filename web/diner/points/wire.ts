/** What the pages on points read of the API. */
export interface LongPage<Item> {
  items: Item[];
  /** Given as `before`, it gets what follows; null at the end. */
  next: string | null;
}

export interface Movement {
  transaction_id: number;
  type: string;
  amount: number;
  balance_after: number;
  status: string;
  source: string;
  reason: string;
  created_at: string;
}

export interface Expiring {
  items: { expires_at: string; amount: number }[];
}

export type Period = 'day' | 'week' | 'month';

export interface Figures {
  period: Period;
  starts: string;
  ends: string;
  /** What came of late may be missing yet. */
  is_incomplete: boolean;
  income: number;
  expense: number;
  net: number;
  sources?: { source: string; points: number }[];
  days?: { day: string; income: number; expense: number; net: number }[];
}

export interface Board {
  period: Period;
  starts: string;
  items: { rank: number; user_id: number; nickname: string; points: number }[];
  me: { rank: number | null; points: number };
}

export interface Transferred {
  transaction_id: number;
  balance: number;
  status: 'completed' | 'review';
}

export interface Bill {
  bill_no: string;
  bill_amount: number;
  refunded: number;
  points: number;
  reversed_points: number;
  status: 'pending' | 'completed' | 'cancelled';
  activates_at: string | null;
  explain: { rule_id: number; name: string; matched: boolean; points: number }[];
  created_at: string;
}
