/** Rows as clients tell of people, written by hand. */
import { AnalyticsBehavior } from '../../entities/analytics/AnalyticsBehavior.ts';
import { insertAll } from '../../src/platform/database/bulk.ts';
import type { Database } from '../../src/platform/database/transaction.ts';

export interface ToldOf {
  userId: number;
  name: string;
  atMs: number;
  kind?: AnalyticsBehavior['kind'];
  visit?: string;
  durationMs?: number;
  target?: { type: string; id: number };
}

let nextEvent = 1;

export async function tellOf(database: Database, deeds: readonly ToldOf[]): Promise<void> {
  const rows = deeds.map(({ userId, name, atMs, kind = 'page', visit = 'v1', durationMs, target }) => ({
    ...{ user_id: userId, event_id: `e${nextEvent++}`, visit_id: visit, kind, name },
    target_type: target?.type ?? null,
    target_id: target?.id ?? null,
    duration_ms: durationMs ?? null,
    position: null,
    occurred_at: new Date(atMs),
    received_at: new Date(atMs),
  }));
  for (let from = 0; from < rows.length; from += 2000)
    await database.transaction((tx) => insertAll(tx, AnalyticsBehavior, rows.slice(from, from + 2000)));
}
