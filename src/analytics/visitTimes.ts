import { MoreThanOrEqual } from 'typeorm';
import { AnalyticsBehavior } from '../../entities/analytics/AnalyticsBehavior.ts';
import type { Database } from '../platform/database/transaction.ts';

export interface VisitsOf {
  userId: number;
  sinceMs: number;
  /** The newest. */
  limit: number;
}

/** When somebody came to a page, and to which. */
export async function readVisitTimes(
  { currentReader }: Database,
  { userId, sinceMs, limit }: VisitsOf,
): Promise<{ atMs: number; page: string }[]> {
  const rows = await currentReader.find(AnalyticsBehavior, {
    select: { behavior_id: true, occurred_at: true, name: true },
    where: { user_id: userId, kind: 'page', occurred_at: MoreThanOrEqual(new Date(sinceMs)) },
    order: { occurred_at: 'DESC' },
    take: limit,
  });
  return rows.map(({ occurred_at: at, name }) => ({ atMs: at.getTime(), page: name }));
}
