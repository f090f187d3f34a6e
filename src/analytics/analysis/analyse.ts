/** How people behave, by one kind of question at a time (B-5, RS-2). */
import { readPublicPeople } from '../../identity/people/publicPeople.ts';
import { businessDayOf } from '../../platform/clock.ts';
import { AppError } from '../../platform/errors.ts';
import { daysAsked, type DayRange } from '../reading/askedDays.ts';
import { ReadingBudget } from '../reading/budget.ts';
import type { AnalysisServices } from '../reading/services.ts';
import type { Asked } from './asked.ts';
import type { Analysis, AnalysisKind, AnalysisQuery } from './messages.ts';
import { findAnomalies, findRhythm } from './ofHours.ts';
import { findDwells, findFeatures, findPaths } from './ofPages.ts';
import { findChurn, findRetention, findValue } from './ofPeople.ts';

const FIND = {
  paths: findPaths,
  features: findFeatures,
  dwell: findDwells,
  retention: findRetention,
  periodicity: findRhythm,
  anomaly: findAnomalies,
  churn: findChurn,
  value: findValue,
} as const satisfies Record<AnalysisKind, (asked: Asked) => Promise<object>>;

const RANGES = {
  paths: { usual: 7, most: 92 },
  features: { usual: 30, most: 92 },
  dwell: { usual: 7, most: 92 },
  retention: { usual: 84, most: 182 },
  periodicity: { usual: 56, most: 56 },
  anomaly: { usual: 7, most: 31 },
  churn: { usual: 1, most: 1 },
  value: { usual: 1, most: 1 },
} as const satisfies Record<AnalysisKind, { usual: number; most: number }>;

/** The first cohort is whole, and so many of days that a triangle can still be read. */
const MOST_COHORT_DAYS = 31;

/** Those that are of everybody or of nobody. */
const OF_ALL: ReadonlySet<AnalysisKind> = new Set(['retention', 'churn', 'value']);

/** @throws AppError VALIDATION_FAILED, BUSY */
export async function analyse(services: AnalysisServices, query: AnalysisQuery): Promise<Analysis> {
  const { kind, user_id: userId, period } = query;
  if (userId !== undefined && OF_ALL.has(kind))
    throw new AppError('VALIDATION_FAILED', {
      details: [{ path: 'user_id', message: `${kind} is told of all people` }],
    });
  const isByDay = kind === 'retention' && period === 'day';
  const lengths = isByDay ? { usual: 14, most: MOST_COHORT_DAYS } : RANGES[kind];
  const range = daysAsked(services, query, lengths);
  const { format: _, ...asked } = query;
  const { from, to } = range;
  const analyses = userId === undefined ? services.analyses : services.personalAnalyses;
  const analysis = await analyses.answer({ ...asked, from, to }, () => run(services, query, range));
  return named(services, analysis);
}

/** What is told again says nobody's name who has left since. */
async function named({ database }: AnalysisServices, analysis: Analysis): Promise<Analysis> {
  if (analysis.kind !== 'churn' && analysis.kind !== 'value') return analysis;
  const { items } = analysis;
  const people = await readPublicPeople(
    database.currentReader,
    items.map(({ user_id: userId }) => userId),
  );
  const names = items.map((item) => ({ ...item, nickname: people.get(item.user_id)?.nickname ?? '' }));
  return { ...analysis, items: names } as Analysis;
}

async function run(services: AnalysisServices, query: AnalysisQuery, range: DayRange): Promise<Analysis> {
  const { clock, businessTimezone, configuration } = services;
  const today = businessDayOf(clock.nowMs(), businessTimezone);
  const budget = new ReadingBudget(clock);
  const found = await FIND[query.kind]({ services, query, range, today, budget });
  return {
    kind: query.kind,
    business_timezone: range.timezone,
    from: range.from,
    to: range.to,
    is_last_complete: range.to < today,
    sample_percent: configuration.now().analytics.sample_percent,
    rows_read: budget.rows,
    is_truncated: budget.isTruncated,
    user_id: query.user_id ?? null,
    ...found,
  } as Analysis;
}
