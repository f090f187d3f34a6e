import { AdminAuditLog } from '../../entities/admin/AdminAuditLog.ts';
import {
  listNumbered,
  type LongPage,
  type NumberedQuery,
  type NumberedTable,
} from '../platform/database/numberedList.ts';
import type { Database } from '../platform/database/transaction.ts';

export interface AuditFilter extends NumberedQuery {
  /** As callers are numbered: of an API key below zero. */
  actorId?: number | undefined;
  action?: string | undefined;
  targetType?: string | undefined;
  targetId?: string | undefined;
}

export interface AuditRecord {
  auditId: number;
  actorId: number;
  action: string;
  targetType: string;
  targetId: string;
  before: unknown;
  after: unknown;
  ip: string;
  requestId: string;
  createdAtMs: number;
}

const AUDIT_LOGS: NumberedTable<AdminAuditLog> = { entity: AdminAuditLog, key: 'audit_id' };

/** One page of the security audit log, newest first. */
export async function listAuditLog(database: Database, filter: AuditFilter): Promise<LongPage<AuditRecord>> {
  const { actorId, action, targetType, targetId } = filter;
  const condition = { actor_id: actorId, action, target_type: targetType, target_id: targetId };
  const { items, ...page } = await listNumbered(database.currentReader, AUDIT_LOGS, condition, filter);
  return { ...page, items: items.map(recordOf) };
}

function recordOf(row: AdminAuditLog): AuditRecord {
  return {
    auditId: row.audit_id,
    actorId: row.actor_id,
    action: row.action,
    targetType: row.target_type,
    targetId: row.target_id,
    before: row.state_before,
    after: row.state_after,
    ip: row.ip,
    requestId: row.request_id,
    createdAtMs: row.created_at.getTime(),
  };
}
