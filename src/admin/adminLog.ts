/** The security audit log: who changed what, from where. A row is written in the transaction of its change. */
import { isDeepStrictEqual } from 'node:util';
import { AdminAuditLog } from '../../entities/admin/AdminAuditLog.ts';
import { insertAll, insertOne } from '../platform/database/bulk.ts';
import type { Tx } from '../platform/database/transaction.ts';
import type { Actor } from '../platform/caller.ts';

export interface RecordedAction {
  actor: Actor;
  /** What was done, as `user.role`. */
  action: string;
  target: { type: string; id: number | string };
  before: unknown;
  after: unknown;
}

/** Writes of an update what has changed, and nothing where nothing has. */
export async function recordAction(tx: Tx, action: RecordedAction, nowMs: number): Promise<void> {
  const change = changeOf(action);
  if (change !== undefined) await insertOne(tx, AdminAuditLog, rowOf({ ...action, ...change }, nowMs));
}

/** As `recordAction`, of many objects that one call has changed: one row for each of them (RA-2). */
export async function recordActions(
  tx: Tx,
  actions: readonly RecordedAction[],
  nowMs: number,
): Promise<void> {
  await insertAll(
    tx,
    AdminAuditLog,
    actions.flatMap((action) => {
      const change = changeOf(action);
      return change === undefined ? [] : rowOf({ ...action, ...change }, nowMs);
    }),
  );
}

/** Which of several a row is about: told, although it is the same on both sides. */
const ABOUT = new Set(['permission']);

/**
 * Of an object that is before and after, its fields that differ, and what is said besides on one side alone (a reason, what came of
 * it). undefined: nothing of what was before is another now.
 */
function changeOf({ before, after }: RecordedAction): Pick<RecordedAction, 'before' | 'after'> | undefined {
  if (!isObject(before) || !isObject(after)) return { before, after };
  const names = Object.keys(before);
  const same = new Set(names.filter((name) => isDeepStrictEqual(asKept(before[name]), asKept(after[name]))));
  if (names.length > 0 && same.size === names.length) return undefined;
  const differing = (side: Fields) =>
    Object.fromEntries(Object.entries(side).filter(([name]) => !same.has(name) || ABOUT.has(name)));
  return { before: differing(before), after: differing(after) };
}

type Fields = Record<string, unknown>;

function isObject(side: unknown): side is Fields {
  return typeof side === 'object' && side !== null && !Array.isArray(side);
}

/** As JSON has it. */
function asKept(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

function rowOf({ actor, action, target, before, after }: RecordedAction, nowMs: number) {
  const { userId, ip, requestId } = actor;
  return {
    actor_id: userId,
    action,
    target_type: target.type,
    target_id: String(target.id),
    state_before: before ?? null,
    state_after: after ?? null,
    ip,
    request_id: requestId,
    created_at: new Date(nowMs),
  };
}
