/** A funnel over what clients tell of people (RS-1, RS-2). */
import type { Funnel } from '../funnel/definition.ts';
import { FunnelTally, type FunnelReport, type Times } from '../funnel/tally.ts';
import { daysAsked, type AskedDays, type DayRange } from '../reading/askedDays.ts';
import { ReadingBudget } from '../reading/budget.ts';
import { readBehaviors } from '../reading/readBehaviors.ts';
import type { AnalysisServices } from '../reading/services.ts';
import type { FunnelReportView, FunnelView } from './messages.ts';

export type FunnelDefinition = Pick<FunnelView, 'steps' | 'window_seconds' | 'order' | 'unit'>;

const RANGE = { usual: 30, most: 92 };

/** @throws AppError VALIDATION_FAILED, BUSY */
export async function runFunnel(
  services: AnalysisServices,
  { steps, window_seconds, order, unit }: FunnelDefinition,
  asked: AskedDays,
): Promise<FunnelReportView> {
  const range = daysAsked(services, asked, RANGE);
  const definition = { steps, window_seconds, order, unit };
  const { from, to } = range;
  return services.analyses.answer({ funnel: definition, from, to }, () => run(services, definition, range));
}

async function run(
  { database, clock, configuration }: AnalysisServices,
  definition: FunnelDefinition,
  range: DayRange,
): Promise<FunnelReportView> {
  const { window_seconds, order, unit } = definition;
  const funnel = funnelOf(definition);
  const untilMs = range.toMs + funnel.windowMs;
  // Of what comes after it nobody asks; whoever began last may have had all their time already, while it was read.
  const isLastComplete = clock.nowMs() >= untilMs;
  const budget = new ReadingBudget(clock);
  const tally = new FunnelTally(funnel, range);
  const wanted = funnel.steps.map(({ kind, name }) => (order === 'strict' ? { kind } : { kind, name }));
  const asked = { fromMs: range.fromMs, toMs: untilMs + 1, wanted };
  for await (const { behaviors } of readBehaviors(database, asked, budget)) tally.add(behaviors);
  return {
    business_timezone: range.timezone,
    from: range.from,
    to: range.to,
    is_last_complete: isLastComplete,
    sample_percent: configuration.now().analytics.sample_percent,
    rows_read: budget.rows,
    is_truncated: budget.isTruncated,
    window_seconds,
    order,
    unit,
    ...viewOf(tally.report(), definition),
  };
}

function funnelOf({ steps, window_seconds, order, unit }: FunnelDefinition): Funnel {
  return {
    order,
    unit,
    windowMs: window_seconds * 1000,
    steps: steps.map(({ target_type: targetType, target_id: targetId, ...step }) => ({
      ...step,
      targetType,
      targetId,
    })),
  };
}

function viewOf({ begun, finished, steps, wholeMs }: FunnelReport, definition: FunnelDefinition) {
  return {
    begun,
    finished,
    overall_rate: steps.at(-1)!.overallRate,
    ...secondsOf(wholeMs),
    items: steps.map(({ units, overallRate, stepRate, fromPreviousMs }, at) => ({
      step: at + 1,
      ...definition.steps[at]!,
      units,
      overall_rate: overallRate,
      step_rate: stepRate,
      ...secondsOf(fromPreviousMs),
    })),
  };
}

function secondsOf(times: Times | null) {
  return {
    median_seconds: times === null ? null : times.median / 1000,
    p90_seconds: times === null ? null : times.p90 / 1000,
  };
}
