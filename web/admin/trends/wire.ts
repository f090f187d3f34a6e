import type { TrendsAnswer } from '../../../src/smart/trends/messages.ts';
import type { Insight } from '../../../src/smart/insights/messages.ts';

export type { Insight };
export type Trends = TrendsAnswer;
export type Trend = TrendsAnswer['series'][number];
export type Measure = TrendsAnswer['measure'];
export type Period = TrendsAnswer['period'];

export interface Slot {
  weekday: number;
  hour: number;
  entries: number;
  share: number;
  lower: number;
  upper: number;
  is_quiet: boolean;
}
export interface BestTime {
  evidence: 'draws' | 'deeds' | 'check_ins' | 'visits' | 'bills';
  entries: number;
  best: Slot[];
  hours: Slot[];
}
