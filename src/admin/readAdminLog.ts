import {
  listNumbered,
  type LongPage,
  type NumberedQuery,
  type NumberedTable,
} from '../platform/database/numberedList.ts';
import { fromSqlTime } from '../platform/database/sqlValues.ts';
import type { Database } from '../platform/database/transaction.ts';

export interface AuditFilter extends NumberedQuery {
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

const AUDIT_LOGS: NumberedTable = {
  table: 'admin_audit_logs',
  key: 'audit_id',
  columns:
    'audit_id, actor_id, action, target_type, target_id, state_before, state_after, ip, request_id, created_at',
};

/** One page of the security audit log, newest first. */
export async function listAuditLog(database: Database, filter: AuditFilter): Promise<LongPage<AuditRecord>> {
  const read = database.readCurrent.bind(database);
  const { items, ...page } = await listNumbered<AuditRow>(read, AUDIT_LOGS, conditionOf(filter), filter);
  return { ...page, items: items.map(recordOf) };
}

function conditionOf({ actorId, action, targetType, targetId }: AuditFilter) {
  const columns = { actor_id: actorId, action, target_type: targetType, target_id: targetId };
  const given = Object.entries(columns).filter(([, value]) => value !== undefined);
  return {
    condition: ['1 = 1', ...given.map(([column]) => `${column} = ?`)].join(' AND '),
    parameters: given.map(([, value]) => value),
  };
}

interface AuditRow {
  audit_id: number;
  actor_id: number;
  action: string;
  target_type: string;
  target_id: string;
  state_before: string | null;
  state_after: string | null;
  ip: string;
  request_id: string;
  created_at: Date | string;
}

function recordOf(row: AuditRow): AuditRecord {
  return {
    auditId: row.audit_id,
    actorId: row.actor_id,
    action: row.action,
    targetType: row.target_type,
    targetId: row.target_id,
    before: fromJson(row.state_before),
    after: fromJson(row.state_after),
    ip: row.ip,
    requestId: row.request_id,
    createdAtMs: fromSqlTime(row.created_at),
  };
}

function fromJson(stored: string | null): unknown {
  return stored === null ? null : JSON.parse(stored);
}
