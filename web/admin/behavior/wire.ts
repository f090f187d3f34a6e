import type { Analysis, AnalysisKind } from '../../../src/analytics/analysis/messages.ts';
import type { FunnelReportView, FunnelView } from '../../../src/analytics/funnels/messages.ts';

export type { Analysis, AnalysisKind };
export type AnalysisOf<Kind extends AnalysisKind> = Extract<Analysis, { kind: Kind }>;
export type Funnel = FunnelView;
export type FunnelReport = FunnelReportView;
export type FunnelStep = FunnelView['steps'][number];
export type FunnelDefinition = Pick<FunnelView, 'steps' | 'window_seconds' | 'order' | 'unit'>;

export const STEP_KINDS = ['page', 'action', 'dwell', 'exposure'] as const;
export const ORDERS = ['ordered', 'strict', 'any'] as const;
export const UNITS = ['person', 'visit'] as const;
export const MOST_STEPS = 8;

/** Of the days that are asked for. */
export interface Days {
  from: string;
  to: string;
}
