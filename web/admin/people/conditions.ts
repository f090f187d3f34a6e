/** Segments by a condition, as the API has them, and what a condition may name. */
export interface ConditionSegment {
  segment_id: number;
  name: string;
  title: string;
  condition: string;
  status: 'active' | 'paused' | 'removing';
  version: number;
  members: number;
  counted_at: string | null;
  is_counting: boolean;
  failure: string | null;
}

interface Use {
  id: number;
  name: string;
}

export interface ListedCondition extends ConditionSegment {
  uses: { campaigns: Use[]; rules: Use[] };
}

export interface ConditionPreview {
  estimate: number;
  is_complete: boolean;
  failure: string | null;
  sample: { user_id: number; nickname: string; mobile: string }[];
}

export const CONDITIONS_PATH = '/admin/segment-conditions';

export const CONDITION_FACTS = [
  ...['status', 'value', 'days_since_active', 'active_days_30', 'active_days_90'],
  ...['bills_90', 'spend_90_fen', 'bills', 'spend_fen', 'days_since_visit', 'visit_cycle_days', 'restaurant'],
  ...['draws_30', 'free_draws_percent', 'check_ins_30', 'exchanges_90', 'trades_90', 'feature'],
  ...['level', 'balance', 'account_days', 'birthday_month'],
] as const;
