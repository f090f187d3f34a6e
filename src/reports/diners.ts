/** Who did something here on a business day: each of them once, whichever part of the product tells of it. */
import { ReportDay } from '../../entities/reports/ReportDay.ts';
import { ReportDiner } from '../../entities/reports/ReportDiner.ts';
import { findUncounted } from '../identity/people/counted.ts';
import { insertAll, insertOne } from '../platform/database/bulk.ts';
import type { Tx } from '../platform/database/transaction.ts';

/** Of a business day, some of its people, and when it begins. */
export interface DinersOfDay {
  day: string;
  startMs: number;
  userIds: ReadonlySet<number>;
}

/**
 * By the transaction that counts what they did, the days in their order. Who works here, or only tries it out, is none of them (RS-3). The lock of a day keeps
 * two that count from both adding somebody.
 */
export async function noteDiners(tx: Tx, days: readonly DinersOfDay[]): Promise<void> {
  for (const of of [...days].sort((a, b) => (a.day < b.day ? -1 : 1))) {
    if (of.userIds.size > 0) await noteDay(tx, of);
  }
}

async function noteDay(tx: Tx, { day, startMs, userIds }: DinersOfDay): Promise<void> {
  const [known] = await tx.lock(ReportDay, { where: { day } });
  // Of two that make it at once one fails, and does its work again.
  if (known === undefined) await insertOne(tx, ReportDay, { day, diners: 0 });
  const ids = [...userIds];
  const uncounted = await findUncounted(tx.manager, ids);
  const noted = await tx.query<{ user_id: number }>(
    'SELECT user_id FROM report_diners WHERE day = ? AND user_id IN (?)',
    [day, ids],
  );
  const left = new Set([...uncounted, ...noted.map(({ user_id: userId }) => userId)]);
  const rows = ids
    .filter((userId) => !left.has(userId))
    .sort((a, b) => a - b)
    .map((user_id) => ({ day, user_id, created_at: new Date(startMs) }));
  if (rows.length === 0) return;
  await insertAll(tx, ReportDiner, rows);
  await tx.manager.update(ReportDay, { day }, { diners: (known?.diners ?? 0) + rows.length });
}
