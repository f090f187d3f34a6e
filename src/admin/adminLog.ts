/** The security audit log: who changed what, from where. A row is written in the transaction of its change. */
import { insertRows } from '../platform/database/bulk.ts';
import { sqlTime } from '../platform/database/sqlValues.ts';
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

const ADMIN_LOG = {
  table: 'admin_audit_logs',
  columns: [
    'actor_id',
    'action',
    'target_type',
    'target_id',
    'state_before',
    'state_after',
    'ip',
    'request_id',
    'created_at',
  ],
} as const;

export async function recordAction(
  tx: Tx,
  { actor, action, target, before, after }: RecordedAction,
  nowMs: number,
): Promise<void> {
  const { userId, ip, requestId } = actor;
  const row = [
    userId,
    action,
    target.type,
    String(target.id),
    JSON.stringify(before ?? null),
    JSON.stringify(after ?? null),
    ip,
    requestId,
    sqlTime(nowMs),
  ];
  await insertRows(tx, ADMIN_LOG, [row]);
}
