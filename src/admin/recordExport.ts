import { maskMobile } from '../identity/login/mask.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database/transaction.ts';
import type { ExportedList } from '../platform/exportedList.ts';
import { recordAction } from './adminLog.ts';

/** Who takes which list away is in the log, without the numbers that they have looked for. */
export async function recordExport(
  { database, clock }: { database: Database; clock: Clock },
  { actor, name, path, filter }: ExportedList,
): Promise<void> {
  const shown = Object.entries(filter).map(([field, value]) => [
    field,
    field === 'mobile' ? maskMobile(value) : value,
  ]);
  const recorded = {
    actor,
    action: `${name}.export`,
    target: { type: 'list', id: name },
    before: null,
    after: { path, ...(Object.fromEntries(shown) as object) },
  };
  await database.retryingTransaction((tx) => recordAction(tx, recorded, clock.nowMs()));
}
