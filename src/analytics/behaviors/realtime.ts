/** Minutes, hours and days of what diners do on the pages, as they are counted by now (B-3, RS-2). */
import type { SelectQueryBuilder } from 'typeorm';
import {
  AnalyticsRealtimeStat,
  type BucketPeriod,
} from '../../../entities/analytics/AnalyticsRealtimeStat.ts';
import type { Database } from '../../platform/database/transaction.ts';
import { fromSqlTime } from '../../platform/database/sqlValues.ts';
import { AppError } from '../../platform/errors.ts';
import { LIMITS } from '../../platform/limits.ts';
import { BUCKET_DAYS } from '../retention.ts';
import type { Buckets } from './buckets.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const USUAL_MS = { minute: HOUR_MS, hour: DAY_MS, day: 30 * DAY_MS } as const satisfies Record<
  BucketPeriod,
  number
>;
/** Clients that can send do so within this of what has happened. */
const SENT_WITHIN_MS = 60_000;

export interface AskedWindow {
  period: BucketPeriod;
  from?: string | undefined;
  to?: string | undefined;
}

/** Whole buckets, each from its start to that of the next. */
export interface Window {
  period: BucketPeriod;
  startsMs: readonly number[];
  endMs: number;
}

/** @throws AppError VALIDATION_FAILED for what is no window, is too long, or is not kept any more */
export function windowOf(asked: AskedWindow, buckets: Buckets, nowMs: number): Window {
  const { period } = asked;
  const toMs = asked.to === undefined ? nowMs : Date.parse(asked.to);
  const fromMs = asked.from === undefined ? toMs - USUAL_MS[period] + 1 : Date.parse(asked.from);
  if (fromMs >= toMs) throw refusal('from', 'must be before `to`');
  if (period !== 'day' && fromMs < nowMs - BUCKET_DAYS[period] * DAY_MS)
    throw refusal('from', `each ${period} is kept for ${BUCKET_DAYS[period]} days`);
  const startsMs: number[] = [];
  let atMs = buckets.startOf(period, fromMs);
  while (atMs < toMs) {
    if (startsMs.length === LIMITS.shownBuckets)
      throw refusal('from', `must be at most ${LIMITS.shownBuckets} times a ${period} before \`to\``);
    startsMs.push(atMs);
    atMs = buckets.endOf(period, atMs);
  }
  return { period, startsMs, endMs: atMs };
}

function refusal(path: string, message: string): AppError {
  return new AppError('VALIDATION_FAILED', { details: [{ path, message }] });
}

/** Whether a bucket that ends then is over, for all that clients send in time. */
export function isComplete(endMs: number, nowMs: number): boolean {
  return endMs + SENT_WITHIN_MS <= nowMs;
}

export interface Counts {
  entries: number;
  durationMs: number;
}

export interface Filter {
  kind?: string | undefined;
  name?: string | undefined;
}

type Reading = Pick<Database, 'currentReader'>;

/** One for each of the window, in their order. */
export async function readBuckets(database: Reading, window: Window, filter: Filter): Promise<Counts[]> {
  const rows = await within(database, window, filter)
    .addSelect('s.starts_at', 'starts_at')
    .groupBy('s.starts_at')
    .getRawMany<RawCounts & { starts_at: Date | string }>();
  const counted = new Map(rows.map((row) => [fromSqlTime(row.starts_at), countsOf(row)]));
  return window.startsMs.map((startMs) => counted.get(startMs) ?? { entries: 0, durationMs: 0 });
}

export interface NamedCounts extends Counts {
  kind: string;
  name: string;
}

/** The most frequent first; so many and no more. */
export async function readNames(database: Reading, window: Window, filter: Filter): Promise<NamedCounts[]> {
  const rows = await within(database, window, filter)
    .addSelect('s.kind', 'kind')
    .addSelect('s.name', 'name')
    .groupBy('s.kind')
    .addGroupBy('s.name')
    .having('SUM(s.entries) > 0')
    .orderBy('entries', 'DESC')
    .addOrderBy('s.kind')
    .addOrderBy('s.name')
    .limit(LIMITS.behaviorNames)
    .getRawMany<RawCounts & { kind: string; name: string }>();
  return rows.map((row) => ({ kind: row.kind, name: row.name, ...countsOf(row) }));
}

interface RawCounts {
  entries: number | string;
  duration_ms: number | string;
}

function countsOf(row: RawCounts): Counts {
  return { entries: Number(row.entries), durationMs: Number(row.duration_ms) };
}

function within(
  { currentReader }: Reading,
  { period, startsMs, endMs }: Window,
  { kind, name }: Filter,
): SelectQueryBuilder<AnalyticsRealtimeStat> {
  const query = currentReader
    .createQueryBuilder(AnalyticsRealtimeStat, 's')
    .select('SUM(s.entries)', 'entries')
    .addSelect('SUM(s.duration_ms)', 'duration_ms')
    .where('s.period = :period AND s.starts_at >= :from AND s.starts_at < :to', {
      period,
      from: new Date(startsMs[0]!),
      to: new Date(endMs),
    });
  if (kind !== undefined) query.andWhere('s.kind = :kind', { kind });
  if (name !== undefined) query.andWhere('s.name = :name', { name });
  return query;
}
