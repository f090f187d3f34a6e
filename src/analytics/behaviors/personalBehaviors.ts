/** What is kept of what somebody does on the pages: for themself, and taken away when they go (A-11, RS-14). */
import { In, type EntityManager } from 'typeorm';
import { z } from 'zod';
import { AnalyticsBehavior } from '../../../entities/analytics/AnalyticsBehavior.ts';
import type { Database, Tx } from '../../platform/database/transaction.ts';
import { newest, newestOf, timeShape } from '../../platform/shapes.ts';
import { findPredecessors } from '../../points/mergeAccounts.ts';
import { Buckets } from './buckets.ts';
import { countMinutes } from './countMinutes.ts';
import { raiseStats, statsOf } from './raiseStats.ts';

export const exportedBehaviorsShape = z.object({
  behaviors: newestOf(
    z.object({
      kind: z.string(),
      name: z.string(),
      target_type: z.string().nullable(),
      target_id: z.int().nullable(),
      duration_ms: z.int().nullable(),
      position: z.int().nullable(),
      visit_id: z.string(),
      occurred_at: timeShape,
    }),
  ),
});

/** Newest first; also of accounts that were merged into this one. */
export async function exportBehaviors(
  { reader }: Pick<Database, 'reader'>,
  userId: number,
  limit: number,
): Promise<z.output<typeof exportedBehaviorsShape>> {
  const rows = await reader.find(AnalyticsBehavior, {
    where: { user_id: In(await accountsOf(reader, userId)) },
    order: { occurred_at: 'DESC', behavior_id: 'DESC' },
    take: limit + 1,
  });
  const told = rows.map((row) => ({
    kind: row.kind,
    name: row.name,
    target_type: row.target_type,
    target_id: row.target_id,
    duration_ms: row.duration_ms,
    position: row.position,
    visit_id: row.visit_id,
    occurred_at: row.occurred_at.toISOString(),
  }));
  return { behaviors: newest(told, limit) };
}

async function accountsOf(manager: EntityManager, userId: number): Promise<number[]> {
  const earlier = await findPredecessors(manager, [userId]);
  return [userId, ...earlier.map((one) => one.userId)];
}

/**
 * Takes all of it away, also out of what is counted: that stays what the rows come to (RS-5). Whoever calls holds the person, so that
 * nothing is written of them meanwhile.
 */
export async function forgetBehaviors(tx: Tx, userIds: readonly number[]): Promise<void> {
  const counted = await countMinutes((sql, parameters) => tx.query(sql, parameters), {
    sql: 'user_id IN (?)',
    parameters: [userIds],
  });
  if (counted.length === 0) return;
  const taken = counted.map((one) => ({ ...one, entries: -one.entries, durationMs: 0 - one.durationMs }));
  await raiseStats(tx, statsOf(taken, new Buckets(tx.timezone)));
  await tx.manager.delete(AnalyticsBehavior, { user_id: In([...userIds]) });
}
