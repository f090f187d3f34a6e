/** The security audit log: who changed what, from where. A row is written in the transaction of its change. */
import { z } from 'zod';
import { insertRows } from '../database/bulk.ts';
import { sqlTime } from '../database/sqlValues.ts';
import type { Tx } from '../database/transaction.ts';
import { idShape } from '../shapes.ts';

/** Who makes a change, and by which request. It may travel to another process with the change. */
export const actorShape = z.strictObject({
  userId: idShape,
  ip: z.string().max(64),
  requestId: z.string().max(64),
});
export type Actor = z.infer<typeof actorShape>;

export interface AuditedChange {
  actor: Actor;
  /** What was done, as `user.role`. */
  action: string;
  target: { type: string; id: number | string };
  before: unknown;
  after: unknown;
}

const AUDIT_LOG = {
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

export async function audit(
  tx: Tx,
  { actor, action, target, before, after }: AuditedChange,
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
  await insertRows(tx, AUDIT_LOG, [row]);
}
