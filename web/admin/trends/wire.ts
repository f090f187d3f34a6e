import type { BestTimeAnswer } from '../../../src/smart/bestTime/bestTimeRoutes.ts';
import type { TrendsAnswer } from '../../../src/smart/trends/messages.ts';
import type { Insight } from '../../../src/smart/insights/messages.ts';

export type { Insight };
export type Trends = TrendsAnswer;
export type Trend = TrendsAnswer['series'][number];
export type Measure = TrendsAnswer['measure'];
export type Period = TrendsAnswer['period'];

export type BestTime = BestTimeAnswer;
export type Slot = BestTimeAnswer['hours'][number];
