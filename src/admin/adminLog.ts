/** The security audit log: who changed what, from where. A row is written in the transaction of its change. */
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

export async function recordAction(tx: Tx, action: RecordedAction, nowMs: number): Promise<void> {
  await insertOne(tx, AdminAuditLog, rowOf(action, nowMs));
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
    actions.map((action) => rowOf(action, nowMs)),
  );
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
