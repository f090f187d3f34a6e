/** Of the API, as the OpenAPI document has it. */
export type Role = 'user' | 'staff' | 'admin' | 'super_admin';
export type UserStatus = 'active' | 'disabled' | 'closed';

export const ROLES: readonly Role[] = ['user', 'staff', 'admin', 'super_admin'];

export interface Person {
  user_id: number;
  /** Masked. */
  mobile: string;
  nickname: string;
  role: Role;
  status: UserStatus;
  login_count: number;
  last_login_at: string | null;
  registered_at: string;
  /** No report counts them. */
  is_test: boolean;
}

export interface PersonDetail extends Person {
  account: {
    total_points: number;
    available_points: number;
    frozen_points: number;
    debt_points: number;
    level: number;
    experience_points: number;
    history_total_points: number;
  };
  active_logins: number;
  lock: { consecutive_fail_count: number; locked_until: string | null } | null;
}

export interface Transaction {
  transaction_id: number;
  type: string;
  amount: number;
  balance_before: number;
  balance_after: number;
  status: string;
  source: string;
  reason: string;
  created_at: string;
}

export interface DrawRow {
  draw_id: number;
  draw_no: number;
  campaign_id: number;
  is_winner: boolean;
  is_guarantee: boolean;
  prize: { name: string; type: string } | null;
  points_cost: number;
  drawn_at: string;
}

export interface WonItem {
  item_id: number;
  draw_id: number | null;
  name: string;
  type: string;
  status: 'unclaimed' | 'claimed' | 'redeemed' | 'expired' | 'void';
  won_at: string;
  expires_at: string | null;
  redeemed_at: string | null;
}

export interface PermissionRow {
  permission: string;
  is_granted: boolean;
  is_granted_by_role: boolean;
  override: boolean | null;
}

export interface Blacklisted {
  user_id: number;
  reason: string;
  created_by: number;
  created_at: string;
}

export interface MergedPerson {
  user_id: number;
  nickname: string;
  /** Masked; null once the account is closed. */
  mobile: string | null;
}

export interface Merge {
  merge_id: number;
  status: 'pending' | 'done' | 'declined' | 'cancelled' | 'expired';
  /** The account that ends, and the one that stays. */
  from: MergedPerson;
  into: MergedPerson;
  is_number_lost: boolean;
  from_confirmed_at: string | null;
  into_confirmed_at: string | null;
  approval_id: number | null;
  approvable_at: string | null;
  /** What has to be over before it can be made. */
  blockers: string[];
  points: number | null;
  items: number | null;
  created_at: string;
}

/** What somebody does here: days are of the last year. */
export interface Profile {
  business_timezone: string;
  from: string;
  to: string;
  status: 'new' | 'active' | 'silent' | 'lost';
  activity: { days_since: number; days_30: number; days_90: number; hours: number[]; weekdays: number[] };
  counts: Record<'draws' | 'free_draws' | 'exchanges' | 'trades' | 'check_ins' | 'bills', number>;
  spending: {
    total: number;
    total_90: number;
    mean_bill: number | null;
    last_bill: number | null;
    last_bill_at: string | null;
  };
  points: { earned: number; income_90: number; expense_90: number };
  visits: { cycle_days: number | null; spread_days: number | null };
  preferences: { feature: 'draws' | 'exchanges' | 'trades' | 'check_ins' | 'bills' | null };
  value: {
    level: 'high' | 'middle' | 'low' | 'none';
    scores: { recency: number; frequency: number; money: number } | null;
  };
}
