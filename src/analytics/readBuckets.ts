/** How many behaviours there were, from the buckets that are counted of them: those of nobody who is left out of reports (RS-3). */
import { And, In, LessThan, MoreThanOrEqual } from 'typeorm';
import { AnalyticsRealtimeStat, type BucketPeriod } from '../../entities/analytics/AnalyticsRealtimeStat.ts';
import type { BehaviorKind } from '../../entities/analytics/AnalyticsBehavior.ts';
import { fromSqlTime } from '../platform/database/sqlValues.ts';
import type { Database } from '../platform/database/transaction.ts';

export interface AskedBuckets {
  period: BucketPeriod;
  kind: BehaviorKind;
  fromMs: number;
  /** Without it. */
  toMs: number;
}

export interface Bucket {
  startMs: number;
  entries: number;
}

/** By their beginning; those in which there was nothing are left out. */
export async function readBuckets(
  { currentReader }: Database,
  { period, kind, fromMs, toMs }: AskedBuckets,
): Promise<Bucket[]> {
  const rows = await currentReader
    .createQueryBuilder(AnalyticsRealtimeStat, 'bucket')
    .select('bucket.starts_at', 'starts_at')
    .addSelect('SUM(bucket.entries)', 'entries')
    .where({ period, kind, starts_at: And(MoreThanOrEqual(new Date(fromMs)), LessThan(new Date(toMs))) })
    .groupBy('bucket.starts_at')
    .getRawMany<{ starts_at: Date | string; entries: number | string }>();
  return rows.map((row) => ({ startMs: fromSqlTime(row.starts_at), entries: Number(row.entries) }));
}

/** The names with most entries, and the buckets of each. */
export async function readBucketsByName(
  database: Database,
  asked: AskedBuckets & { names: number },
): Promise<Map<string, Bucket[]>> {
  const { period, kind, fromMs, toMs, names } = asked;
  const time = And(MoreThanOrEqual(new Date(fromMs)), LessThan(new Date(toMs)));
  const most = await database.currentReader
    .createQueryBuilder(AnalyticsRealtimeStat, 'bucket')
    .select('bucket.name', 'name')
    .where({ period, kind, starts_at: time })
    .groupBy('bucket.name')
    .orderBy('SUM(bucket.entries)', 'DESC')
    .addOrderBy('bucket.name')
    .limit(names)
    .getRawMany<{ name: string }>();
  const rows = await database.currentReader.find(AnalyticsRealtimeStat, {
    where: { period, kind, starts_at: time, name: In(most.map(({ name }) => name)) },
  });
  const byName = Map.groupBy(rows, ({ name }) => name);
  return new Map(
    most.map(({ name }) => [
      name,
      (byName.get(name) ?? []).map(({ starts_at: at, entries }) => ({ startMs: at.getTime(), entries })),
    ]),
  );
}
