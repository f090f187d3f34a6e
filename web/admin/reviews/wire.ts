/** Of the API, as the OpenAPI document has it. */
import type { Report } from '../moderation/wire.ts';

export const KINDS = [
  'spend_claim',
  'campaign.start',
  'campaign.change',
  'trade.settle',
  'account.merge',
  'points_transfer',
  'chat_report',
] as const;
export type Kind = (typeof KINDS)[number];

export const STATUSES = ['pending', 'approved', 'rejected', 'void'] as const;
export type Status = (typeof STATUSES)[number];

export interface Claim {
  claim_id: number;
  user_id: number;
  restaurant_id: number;
  bill_no: string;
  amount: number;
  paid_at: string;
  status: Status;
  reason: string | null;
  points: number | null;
  photo: { url: string; thumbnail_url: string } | null;
  created_at: string;
}

export interface SeenClaim extends Claim {
  /** Of the same bill or with the same photo. */
  earlier: Claim[];
}

export interface AskedTransfer {
  transfer_id: number;
  from_user_id: number;
  to_user_id: number;
  amount: number;
  message: string | null;
}

export interface AskedChange {
  approval_id: number;
  name: string | null;
  price?: number;
}

export interface AskedMerging {
  approval_id: number;
  from_user_id: number;
  into_user_id: number;
  reason: string;
}

interface Shared {
  review_id: number;
  flags: string[];
  status: Status;
  applicant: { user_id: number; nickname: string } | null;
  restaurant_id: number | null;
  due_at: string | null;
  overdue: boolean;
  escalated_at: string | null;
  may_decide: boolean;
  why_not: string | null;
  decided_by: number | null;
  decided_at: string | null;
  reason: string | null;
  created_at: string;
}

/** `subject` null: it is not there any more. */
export type Review = Shared &
  (
    | { kind: 'spend_claim'; subject: SeenClaim | null }
    | { kind: 'points_transfer'; subject: AskedTransfer | null }
    | { kind: 'chat_report'; subject: Report | null }
    | { kind: 'account.merge'; subject: AskedMerging | null }
    | { kind: 'campaign.start' | 'campaign.change' | 'trade.settle'; subject: AskedChange | null }
  );

export interface DecisionRow {
  review_id: number;
  code: string;
  status: Status | null;
  details?: unknown;
}

export const LOOKS: Record<Status, string> = { pending: 'warn', approved: 'ok', rejected: 'bad', void: '' };

/** A kind as part of the name of a text. */
export const keyOf = (kind: Kind) => kind.replace('.', '_');
