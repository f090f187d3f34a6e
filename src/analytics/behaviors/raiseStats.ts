/** What minutes, hours and days have of each kind and name: raised and lowered with the rows themselves, in one transaction (RS-5). */
import {
  AnalyticsRealtimeStat,
  BUCKET_PERIODS,
  type BucketPeriod,
} from '../../../entities/analytics/AnalyticsRealtimeStat.ts';
import { upsertAll, type MergedRows } from '../../platform/database/bulk.ts';
import type { Tx } from '../../platform/database/transaction.ts';
import type { Buckets } from './buckets.ts';

export interface Counted {
  kind: string;
  name: string;
  occurredAtMs: number;
  entries: number;
  durationMs: number;
}

/** In the order of their keys, so that two nodes do not hold each other up. */
export function statsOf(
  counted: readonly Counted[],
  buckets: Buckets,
  periods: readonly BucketPeriod[] = BUCKET_PERIODS,
): AnalyticsRealtimeStat[] {
  const rows = new Map<string, AnalyticsRealtimeStat>();
  for (const { kind, name, occurredAtMs, entries, durationMs } of counted)
    for (const period of periods) {
      const startMs = buckets.startOf(period, occurredAtMs);
      const key = `${period} ${String(startMs).padStart(15, '0')} ${kind} ${name}`;
      const row = rows.get(key) ?? emptyStat({ period, startMs, kind, name });
      row.entries += entries;
      row.duration_ms += durationMs;
      rows.set(key, row);
    }
  return [...rows].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, row]) => row);
}

function emptyStat({
  startMs,
  ...of
}: Pick<AnalyticsRealtimeStat, 'period' | 'kind' | 'name'> & { startMs: number }): AnalyticsRealtimeStat {
  return { ...of, starts_at: new Date(startMs), entries: 0, duration_ms: 0 };
}

type Rows = MergedRows<AnalyticsRealtimeStat>;

/** Rows in their order, with what is added to each; less than nothing takes away. */
export async function raiseStats(tx: Tx, rows: readonly AnalyticsRealtimeStat[]): Promise<void> {
  await upsertAll(tx, AnalyticsRealtimeStat, rows, {
    entries: ({ stored, given }: Rows) => `${stored('entries')} + ${given('entries')}`,
    duration_ms: ({ stored, given }: Rows) => `${stored('duration_ms')} + ${given('duration_ms')}`,
  });
}
