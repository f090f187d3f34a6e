import { z } from 'zod';
import { MARKETS, type Market } from '../draw/market.ts';
import { timezoneShape } from '../platform/shapes.ts';
import { whole } from '../platform/settings/settingShapes.ts';
import { inCode, settingsGroup, type ConfigOf } from '../platform/settings/settingsGroup.ts';

export const lotterySettings = settingsGroup({
  prefixes: ['LOTTERY', 'CAMPAIGN', 'DRAW', 'SEED', 'BUSINESS', 'SNAPSHOT', 'MARKET'],
  settings: {
    /** 32 bytes that encrypt the fairness seeds at rest. */
    SEED_ENCRYPTION_KEY: {
      shape: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits'),
      keptIn: './data/seed-key',
    },
    /** Clients of one campaign room; further ones are seated in audience rooms. */
    CAMPAIGN_CLIENT_LIMIT: whole(1, 100_000).default(2000),
    DRAW_RATE_PER_SECOND: whole(1, 1_000_000).default(20),
    BUSINESS_TIMEZONE: timezoneShape.default('Asia/Shanghai'),
    /** Whose law campaigns keep (L-13). */
    MARKET: z.enum(Object.keys(MARKETS) as Market[]).default('CN'),
    SNAPSHOT_INTERVAL_MS: whole(100, 3_600_000).default(5000),
  },
  read({ SEED_ENCRYPTION_KEY, ...others }) {
    return { ...inCode(others), seedKey: Buffer.from(SEED_ENCRYPTION_KEY, 'hex') };
  },
});

export type LotteryConfig = ConfigOf<typeof lotterySettings>;
