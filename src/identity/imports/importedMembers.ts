/** Who was taken over from another system: known by a hash of what it calls them. */
import { createHash } from 'node:crypto';
import { In, type EntityManager } from 'typeorm';
import { ImportedMember } from '../../../entities/identity/ImportedMember.ts';
import { insertAll } from '../../platform/database/bulk.ts';
import type { Tx } from '../../platform/database/transaction.ts';
import { findPredecessors } from '../../points/mergeAccounts.ts';

export function hashOfExternalId(externalId: string): string {
  return createHash('sha256').update(externalId).digest('hex');
}

/** Those of the hashes that were imported. */
export async function findImported(
  manager: EntityManager,
  hashes: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await manager.find(ImportedMember, {
    select: { external_hash: true },
    where: { external_hash: In([...hashes]) },
  });
  return new Set(rows.map(({ external_hash: hash }) => hash));
}

/** Those of the users who were. */
export async function findImportedUsers(
  manager: EntityManager,
  userIds: readonly number[],
): Promise<ReadonlySet<number>> {
  if (userIds.length === 0) return new Set();
  const rows = await manager.find(ImportedMember, {
    select: { external_hash: true, user_id: true },
    where: { user_id: In([...userIds]) },
  });
  return new Set(rows.map(({ user_id: userId }) => userId));
}

export interface Taken {
  externalId: string;
  userId: number;
  /** 1/100 points. */
  points: number;
}

/** The unique indices refuse a second one of an external_id, and of a user. */
export async function rememberImported(
  tx: Tx,
  members: readonly Taken[],
  importId: number,
  nowMs: number,
): Promise<void> {
  const created_at = new Date(nowMs);
  await insertAll(
    tx,
    ImportedMember,
    members.map(({ externalId, userId, points }) => ({
      external_hash: hashOfExternalId(externalId),
      external_id: externalId,
      user_id: userId,
      import_id: importId,
      points,
      created_at,
    })),
  );
}

/**
 * What the other system calls somebody; null: they were not imported. It stays with the account that it came with, and is theirs
 * when that was merged into theirs: nobody is imported twice.
 */
export async function externalIdOf(manager: EntityManager, userId: number): Promise<string | null> {
  const earlier = await findPredecessors(manager, [userId]);
  const accounts = [userId, ...earlier.map((one) => one.userId)];
  const found = await manager.findBy(ImportedMember, { user_id: In(accounts) });
  const own = found.find((row) => row.user_id === userId) ?? found[0];
  return own?.external_id ?? null;
}

/** That somebody was imported stays, so that it does not happen again. @param userIds accounts of one person */
export async function forgetExternalIds(tx: Tx, userIds: readonly number[]): Promise<void> {
  await tx.manager.update(ImportedMember, { user_id: In([...userIds]) }, { external_id: null });
}
