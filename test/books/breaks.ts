import { BEHAVIOR_BREAKS } from './behaviorBreaks.ts';
import type { Break } from './breaking.ts';
import { CAMPAIGN_BREAKS } from './campaignBreaks.ts';
import { CHAT_BREAKS } from './chatBreaks.ts';
import { IMAGE_BREAKS } from './imageBreaks.ts';
import { CONFIGURATION_BREAKS } from './configurationBreaks.ts';
import { ITEM_BREAKS } from './itemBreaks.ts';
import { MERGE_BREAKS } from './mergeBreaks.ts';
import { POINTS_BREAKS } from './pointsBreaks.ts';
import { PRODUCT_BREAKS } from './productBreaks.ts';
import { REPORT_BREAKS } from './reportBreaks.ts';
import { REVIEW_BREAKS } from './reviewBreaks.ts';
import { STATISTICS_BREAKS } from './statisticsBreaks.ts';
import { TRADE_BREAKS } from './tradeBreaks.ts';

export const BREAKS: readonly Break[] = [
  ...POINTS_BREAKS,
  ...CAMPAIGN_BREAKS,
  ...ITEM_BREAKS,
  ...PRODUCT_BREAKS,
  ...TRADE_BREAKS,
  ...MERGE_BREAKS,
  ...STATISTICS_BREAKS,
  ...CHAT_BREAKS,
  ...IMAGE_BREAKS,
  ...CONFIGURATION_BREAKS,
  ...REVIEW_BREAKS,
  ...REPORT_BREAKS,
  ...BEHAVIOR_BREAKS,
];

/** Tables that they change; each is restored after its test. */
export const TABLES: readonly string[] = [...new Set(BREAKS.map(({ table }) => table))];
