/** Minutes, hours and days held against the rows that they are counted of (RS-5). */
import type { AnalyticsRealtimeStat } from '../../../entities/analytics/AnalyticsRealtimeStat.ts';
import { type BucketPeriod } from '../../../entities/analytics/AnalyticsRealtimeStat.ts';
import { fromSqlTime, sqlTime } from '../../platform/database/sqlValues.ts';
import { BEHAVIOR_DAYS, BUCKET_DAYS } from '../retention.ts';
import type { Buckets } from './buckets.ts';
import { countMinutes } from './countMinutes.ts';
import { statsOf } from './raiseStats.ts';

const DAY_MS = 86_400_000;
/** What is a day younger than what is forgotten is there as a whole, on both sides, whenever that was done last. */
const COVERED_DAYS: Record<BucketPeriod, number> = {
  minute: BUCKET_DAYS.minute - 1,
  hour: BUCKET_DAYS.hour - 1,
  day: BEHAVIOR_DAYS - 1,
};

/** One consistent view of the database: of two, what is told of in between would be a difference. */
export interface ReadOnce {
  query<Row>(sql: string, parameters?: unknown[]): Promise<Row[]>;
}

export interface Difference extends Pick<AnalyticsRealtimeStat, 'period' | 'starts_at' | 'kind' | 'name'> {
  stored: Sums;
  counted: Sums;
}

type Sums = Pick<AnalyticsRealtimeStat, 'entries' | 'duration_ms'>;

/** Day by day, so that no more than a day is in memory. Where rows are forgotten already nothing is compared. */
export async function* findDifferences(
  view: ReadOnce,
  buckets: Buckets,
  nowMs: number,
): AsyncGenerator<Difference> {
  const coveredMs = (period: BucketPeriod) => nowMs - COVERED_DAYS[period] * DAY_MS;
  let startMs = buckets.endOf('day', buckets.startOf('day', coveredMs('day')));
  // Clients may be a little ahead.
  while (startMs <= nowMs + DAY_MS) {
    const endMs = buckets.endOf('day', startMs);
    const isCovered = ({ period, starts_at }: Pick<AnalyticsRealtimeStat, 'period' | 'starts_at'>) =>
      starts_at.getTime() >= coveredMs(period);
    const day = [sqlTime(startMs), sqlTime(endMs)];
    const rows = await countMinutes((sql, parameters) => view.query(sql, parameters), {
      sql: 'occurred_at >= ? AND occurred_at < ?',
      parameters: day,
    });
    const counted = byKey(statsOf(rows, buckets).filter(isCovered));
    const stored = byKey((await readStats(view, day)).filter(isCovered));
    for (const [key, row] of new Map([...stored, ...counted])) {
      const difference = { ...row, stored: sumsOf(stored.get(key)), counted: sumsOf(counted.get(key)) };
      if (isDifferent(difference)) yield difference;
    }
    startMs = endMs;
  }
}

export async function readDifferences(...asked: Parameters<typeof findDifferences>): Promise<Difference[]> {
  const found: Difference[] = [];
  for await (const difference of findDifferences(...asked)) found.push(difference);
  return found;
}

/** As rows that are added, so that whatever is told of meanwhile stays counted. */
export function mendingOf(differences: readonly Difference[]): AnalyticsRealtimeStat[] {
  return differences.map(({ period, starts_at, kind, name, stored, counted }) => ({
    ...{ period, starts_at, kind, name },
    entries: counted.entries - stored.entries,
    duration_ms: counted.duration_ms - stored.duration_ms,
  }));
}

export function textOf({ period, starts_at, kind, name, stored, counted }: Difference): string {
  const sums = ({ entries, duration_ms }: Sums) => `${entries} (${duration_ms} ms)`;
  return `${period} ${starts_at.toISOString()} ${kind} ${name}: ${sums(stored)} instead of ${sums(counted)}`;
}

interface RawStat {
  period: BucketPeriod;
  starts_at: Date | string;
  kind: string;
  name: string;
  entries: number | string;
  duration_ms: number | string;
}

async function readStats(view: ReadOnce, day: string[]): Promise<AnalyticsRealtimeStat[]> {
  const rows = await view.query<RawStat>(
    `SELECT period, starts_at, kind, name, entries, duration_ms FROM analytics_realtime_stats
     WHERE period IN ('minute', 'hour', 'day') AND starts_at >= ? AND starts_at < ?`,
    day,
  );
  return rows.map((row) => ({
    ...row,
    starts_at: new Date(fromSqlTime(row.starts_at)),
    entries: Number(row.entries),
    duration_ms: Number(row.duration_ms),
  }));
}

function byKey(rows: readonly AnalyticsRealtimeStat[]): Map<string, AnalyticsRealtimeStat> {
  return new Map(
    rows.map((row) => [`${row.period} ${row.starts_at.getTime()} ${row.kind} ${row.name}`, row]),
  );
}

function sumsOf(row: AnalyticsRealtimeStat | undefined): Sums {
  return { entries: row?.entries ?? 0, duration_ms: row?.duration_ms ?? 0 };
}

function isDifferent({ stored, counted }: Difference): boolean {
  return stored.entries !== counted.entries || stored.duration_ms !== counted.duration_ms;
}
