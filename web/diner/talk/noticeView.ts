/** What of a notice is shown beside its words: a drawing, and where it leads. */
import type { RouteLocationRaw } from 'vue-router';
import type { FoodName } from '../../shared/drawings.ts';
import type { NotificationOnWire } from './wire.ts';

const FOOD_OF_TYPE: Record<string, FoodName> = {
  draw_won: 'coupon',
  prize_claimed: 'coupon',
  prize_shipped: 'coupon',
  prize_redeemed: 'coupon',
  prize_expired: 'coupon',
  claim_ending: 'coupon',
  exchanged: 'coupon',
  item_sent: 'coupon',
  item_received: 'coupon',
  item_redeemed: 'coupon',
  item_expired: 'coupon',
  trade_bought: 'swap',
  trade_settled: 'swap',
  trade_cancelled: 'swap',
  trade_expired: 'swap',
  trade_disputed: 'swap',
  claim_approved: 'bill',
  claim_rejected: 'bill',
  level_up: 'persimmon',
  share: 'persimmon',
};

const FOOD_OF_KIND: Record<string, FoodName> = { points: 'points', lottery: 'skewer', activity: 'plate' };

/** undefined: a bell, or a lock for what is about safety. */
export function foodOf({ type, kind }: NotificationOnWire): FoodName | undefined {
  return FOOD_OF_TYPE[type] ?? FOOD_OF_KIND[kind];
}

const TO_MERGES = new Set(['merge_requested', 'merge_ended', 'merged']);

export function isSecurity({ type }: NotificationOnWire): boolean {
  return type === 'security' || type === 'login_flagged' || type === 'token_reused' || TO_MERGES.has(type);
}

export interface NoticeAction {
  /** What it leads to is theirs to use. */
  isPrimary: boolean;
  /** The key of its text. */
  label: string;
  to: RouteLocationRaw;
}

const TO_PRIZES = new Set(['draw_won', 'prize_claimed', 'prize_shipped', 'claim_ending']);
const TO_ITEMS = new Set(['exchanged', 'item_received', 'item_redeemed']);
const TO_CAMPAIGN = new Set(['campaign_launched', 'campaign_starting', 'campaign_ending', 'next']);

/** @param hasRoute pages that this build has @param userId whose notice it is */
export function actionOf(
  { type, kind, data }: NotificationOnWire,
  hasRoute: (name: string) => boolean,
  userId: number | undefined,
): NoticeAction | undefined {
  const campaignId = data['campaign_id'];
  if (TO_PRIZES.has(type)) return { isPrimary: true, label: 'inbox.act.prizes', to: { name: 'prizes' } };
  if (TO_ITEMS.has(type)) return { isPrimary: false, label: 'inbox.act.items', to: { name: 'prizes' } };
  if (type.startsWith('trade_')) {
    const tab = data['seller_id'] === userId ? 'seller' : 'buyer';
    return { isPrimary: false, label: 'inbox.act.trade', to: { name: 'market', query: { tab } } };
  }
  if (type === 'claim_approved' || type === 'claim_rejected')
    return { isPrimary: false, label: 'inbox.act.claims', to: { name: 'claims' } };
  if (TO_CAMPAIGN.has(type) && typeof campaignId === 'number')
    return {
      isPrimary: false,
      label: 'inbox.act.campaign',
      to: { name: 'campaign', params: { id: campaignId } },
    };
  if (TO_MERGES.has(type))
    return {
      isPrimary: type === 'merge_requested',
      label: 'inbox.act.merges',
      to: { name: 'merges' },
    };
  if (isSecurity({ type } as NotificationOnWire))
    return { isPrimary: false, label: 'inbox.act.me', to: { name: 'me' } };
  // What a draw has cost, the notice itself says.
  if (kind === 'points' && type !== 'draw_paid' && hasRoute('points'))
    return { isPrimary: false, label: 'inbox.act.points', to: { name: 'points' } };
  return undefined;
}
