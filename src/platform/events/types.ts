/** What this build writes events of. The list is what it knows: others are of a build that came later (RE-7). */
export const EVENT_TYPES = [
  'approval:decided',
  'approval:requested',
  'calendar:holidays_missing',
  'lottery:campaign_changed',
  'lottery:campaign_created',
  'lottery:campaign_ending',
  'lottery:campaign_starting',
  'lottery:campaign_status',
  'lottery:claim_ending',
  'lottery:draw_completed',
  'lottery:stock_low',
  'lottery:prize_claimed',
  'lottery:prize_distributed',
  'lottery:prize_expired',
  'lottery:prize_redeemed',
  'lottery:prize_shipped',
  'notification:broadcast',
  'points:bill_refunded',
  'points:checked_in',
  'points:consumed',
  'points:earned',
  'points:expired',
  'points:expiring',
  'points:level_up',
  'points:rolled_back',
  'points:transfer_rejected',
  'points:transfer_review',
  'points:transferred',
  'sms:cap_reached',
  'user:action',
  'user:closed',
  'user:login',
  'user:login_flagged',
  'user:registered',
  'user:token_reused',
  'webhook:disabled',
] as const;

export type EventType = (typeof EVENT_TYPES)[number];

/** Those that are completed are kept for so long; the audit asks for the events of younger draws (E-1). */
export const EVENT_DAYS = 30;
