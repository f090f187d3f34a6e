import { IsNull } from 'typeorm';
import { CustomerSession } from '../../../entities/identity/CustomerSession.ts';
import type { Tx } from '../../platform/database/transaction.ts';
import { leaveOutVersions, lockAccess, recordAccessChanges } from '../access/accessFeed.ts';
import type { RevokedReason } from './sessionStore.ts';

/**
 * Of a database that has gone back in time. A node that has followed the changes of before finds its place in them gone, and reads
 * everything anew: so no login is named.
 * @returns how many logins there were
 */
export async function endAllLogins(
  tx: Tx,
  { leftOut, nowMs }: { leftOut: number; nowMs: number },
): Promise<number> {
  await lockAccess(tx);
  await leaveOutVersions(tx, leftOut);
  const reason: RevokedReason = 'restored';
  const { affected } = await tx.manager.update(
    CustomerSession,
    { revoked_at: IsNull() },
    { revoked_at: new Date(nowMs), revoked_reason: reason },
  );
  await recordAccessChanges(tx, [{ kind: 'tables', subjectId: null }], nowMs);
  return affected ?? 0;
}
