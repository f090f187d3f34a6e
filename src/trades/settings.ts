import { whole } from '../platform/settings/settingShapes.ts';
import { inCode, settingsGroup, type ConfigOf } from '../platform/settings/settingsGroup.ts';

export const tradeSettings = settingsGroup({
  prefixes: ['TRADE'],
  settings: {
    /** Of the price, in 1/10,000: what the seller does not get, nor anybody else. */
    TRADE_FEE_BP: whole(0, 5000).default(500),
    /** How long an offer stands. */
    TRADE_OPEN_DAYS: whole(1, 365).default(7),
    /** How long a buyer may take to settle; then both have back what they had. */
    TRADE_ESCROW_HOURS: whole(1, 8760).default(72),
    /** A trade of so many points or more is settled once a second person agrees. */
    TRADE_REVIEW: whole(1, 1_000_000_000).default(10_000),
  },
  read: (values) => inCode(values),
});

export type TradeConfig = ConfigOf<typeof tradeSettings>;

export interface TradePolicy {
  feeBp: number;
  openMs: number;
  escrowMs: number;
  reviewHundredths: number;
}

const HOUR_MS = 3_600_000;

export function tradePolicyOf(config: TradeConfig): TradePolicy {
  return {
    feeBp: config.tradeFeeBp,
    openMs: config.tradeOpenDays * 24 * HOUR_MS,
    escrowMs: config.tradeEscrowHours * HOUR_MS,
    reviewHundredths: config.tradeReview * 100,
  };
}
