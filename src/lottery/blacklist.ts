/** Who may not draw, in any campaign (L-7). Looked at by each batch: it counts from the next one on. */
import { BlacklistedDiner } from '../../entities/lottery/BlacklistedDiner.ts';
import { recordAction } from '../admin/adminLog.ts';
import { requireUsers } from '../identity/people/knownUsers.ts';
import type { Actor } from '../platform/caller.ts';
import { insertOne } from '../platform/database/bulk.ts';
import { listNumbered, type LongPage, type NumberedQuery } from '../platform/database/numberedList.ts';
import type { Database, Tx } from '../platform/database/transaction.ts';
import { tellPeople } from '../platform/sync.ts';

/** By the ids of the users, the newest first. */
export function listBlacklisted(
  database: Database,
  { userId: user_id, ...query }: NumberedQuery & { userId?: number | undefined },
): Promise<LongPage<BlacklistedDiner>> {
  const table = { entity: BlacklistedDiner, key: 'user_id' } as const;
  return listNumbered(database.currentReader, table, { user_id }, query);
}

/** With the same reason once more it changes nothing. @throws AppError NOT_FOUND */
export async function blacklist(
  tx: Tx,
  { actor, userId, reason }: { actor: Actor; userId: number; reason: string },
  nowMs: number,
): Promise<BlacklistedDiner> {
  await requireUsers(tx, [userId]);
  const known = await lockBlacklisted(tx, userId);
  if (known?.reason === reason) return known;
  const row = { user_id: userId, reason, created_by: actor.userId, created_at: new Date(nowMs) };
  if (known === undefined) await insertOne(tx, BlacklistedDiner, row);
  else await tx.manager.update(BlacklistedDiner, { user_id: userId }, row);
  const before = known === undefined ? null : { reason: known.reason };
  await recordBlacklisting(tx, { actor, userId, before, after: { reason } }, nowMs);
  return row;
}

/** Of somebody who is not on the list it changes nothing. */
export async function liftBlacklisting(
  tx: Tx,
  { actor, userId }: { actor: Actor; userId: number },
  nowMs: number,
): Promise<void> {
  const known = await lockBlacklisted(tx, userId);
  if (known === undefined) return;
  await tx.manager.delete(BlacklistedDiner, { user_id: userId });
  await recordBlacklisting(tx, { actor, userId, before: { reason: known.reason }, after: null }, nowMs);
}

async function lockBlacklisted(tx: Tx, userId: number): Promise<BlacklistedDiner | undefined> {
  const [known] = await tx.lock(BlacklistedDiner, { where: { user_id: userId } });
  return known;
}

function recordBlacklisting(
  tx: Tx,
  { actor, userId, ...change }: { actor: Actor; userId: number; before: object | null; after: object | null },
  nowMs: number,
): Promise<void> {
  const target = { type: 'user', id: userId };
  tellPeople(tx, [userId], { entity: 'user', change: { is_blacklisted: change.after !== null } });
  return recordAction(tx, { actor, action: 'user.blacklist', target, ...change }, nowMs);
}
