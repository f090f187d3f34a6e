import type { CampaignBody } from '../../../src/lottery/manage/documentShapes.ts';

export interface Approval {
  approval_id: number;
  kind: string;
  campaign_id?: number;
  trade_id?: number;
  merge_id?: number;
  status: 'pending' | 'approved' | 'rejected' | 'void';
  base_version: number;
  change: { document?: CampaignBody; status?: string };
  change_hash: string;
  author_id: number | null;
  editor_id: number | null;
  decided_by: number | null;
  decided_at: string | null;
  reason: string | null;
  created_at: string;
}

/** Two accounts of one person that are to become one. */
export interface AskedMerge {
  from_user_id: number;
  into_user_id: number;
  reason: string;
}

/** What is asked for of a trade. */
export interface AskedTrade {
  name: string;
  price: number;
  fee: number;
  seller_id: number;
  buyer_id: number;
}

export interface ApprovalWithSimulations extends Approval {
  simulations: { simulation_id: number; config_hash: string; status: string }[];
}

export const LOOKS: Record<Approval['status'], string> = {
  pending: 'warn',
  approved: 'ok',
  rejected: 'bad',
  void: '',
};
