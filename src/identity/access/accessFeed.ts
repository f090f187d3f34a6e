/*
 * What every node has to know of at once: an append-only list of changes, read by a cursor (TIME-1).
 *
 * Numbers are given under the lock of the one row of access_version, which is held until the commit. So they become visible
 * in their order and without gaps: whoever has read up to a number has missed nothing before it. (Generated keys would not
 * do: they are given at the insert and become visible at the commit, in whatever order those come.)
 *
 * The newest change is never removed. A reader whose cursor is no longer there has to read everything anew: old changes were
 * removed while it stood still, or the database is another one, as after a restore.
 */
import { LessThan, LessThanOrEqual } from 'typeorm';
import { AccessChange } from '../../../entities/identity/AccessChange.ts';
import { AccessVersion } from '../../../entities/identity/AccessVersion.ts';
import { insertAll } from '../../platform/database/bulk.ts';
import type { Database, Tx } from '../../platform/database/transaction.ts';

export interface NewAccessChange {
  kind: AccessChange['kind'];
  /** The login or the user; null for the tables. */
  subjectId: number | null;
}

export interface RecordedAccessChange {
  version: number;
  /** As a newer build may have written it. */
  kind: string;
  subjectId: number | null;
}

const THE_ROW = { id: 1 };
const PRUNED_AT_ONCE = 1000;

/**
 * Changes are made one after the other in the whole cluster, from here until the commit. Taken before any other lock, so that
 * nobody waits here who is waited for.
 */
export async function lockAccess(tx: Tx): Promise<void> {
  await tx.lock(AccessVersion, { where: THE_ROW });
}

/** Of a database that has gone back in time: the next change has a number that no node has seen. Its caller records one. */
export async function leaveOutVersions(tx: Tx, count: number): Promise<void> {
  await tx.manager.increment(AccessVersion, THE_ROW, 'version', count);
}

/** In the transaction of the change itself. */
export async function recordAccessChanges(
  tx: Tx,
  changes: readonly NewAccessChange[],
  nowMs: number,
): Promise<void> {
  if (changes.length === 0) return;
  await tx.manager.increment(AccessVersion, THE_ROW, 'version', changes.length);
  const { version } = await tx.manager.findOneByOrFail(AccessVersion, THE_ROW);
  const first = version - changes.length + 1;
  const created_at = new Date(nowMs);
  await insertAll(
    tx,
    AccessChange,
    changes.map(({ kind, subjectId }, index) => ({
      version: first + index,
      kind,
      subject_id: subjectId,
      created_at,
    })),
  );
}

/** The number of the newest change. */
export async function readAccessVersion(database: Database): Promise<number> {
  const [row] = await database.readCurrent<{ version: number | string }>(
    'SELECT version FROM access_version WHERE id = 1',
  );
  return Number(row?.version);
}

/** @returns what came after the cursor, in order, at most `limit`; undefined when the cursor is not there. */
export async function readAccessChanges(
  database: Database,
  { cursor, limit }: { cursor: number; limit: number },
): Promise<RecordedAccessChange[] | undefined> {
  const rows = await database.readCurrent<ChangeRow>(
    'SELECT version, kind, subject_id FROM access_changes WHERE version >= ? ORDER BY version LIMIT ?',
    [cursor, limit + 1],
  );
  const [known, ...changes] = rows.map(changeOf);
  return known?.version === cursor ? changes : undefined;
}

/** Removes changes from before a time, but for the newest. Whoever still needed one of them reads everything anew. */
export async function pruneAccessChanges(database: Database, beforeMs: number): Promise<void> {
  const newest = await readAccessVersion(database);
  for (let isFull = true; isFull;) {
    const rows = await database.currentReader.find(AccessChange, {
      select: { version: true, created_at: true },
      where: { version: LessThan(newest) },
      order: { version: 'ASC' },
      take: PRUNED_AT_ONCE,
    });
    const young = rows.findIndex((row) => row.created_at.getTime() >= beforeMs);
    const last = rows.at(young === -1 ? -1 : young - 1);
    if (young === 0 || last === undefined) return;
    await database.retryingTransaction((tx) =>
      tx.manager.delete(AccessChange, { version: LessThanOrEqual(last.version) }),
    );
    isFull = young === -1 && rows.length === PRUNED_AT_ONCE;
  }
}

interface ChangeRow {
  version: number | string;
  kind: string;
  subject_id: number | string | null;
}

function changeOf(row: ChangeRow): RecordedAccessChange {
  return {
    version: Number(row.version),
    kind: row.kind,
    subjectId: row.subject_id === null ? null : Number(row.subject_id),
  };
}
