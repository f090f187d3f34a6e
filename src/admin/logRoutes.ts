import { listAuditLog, type AuditRecord } from './readAdminLog.ts';
import type { AccessServices } from '../identity/access/accessChange.ts';
import { listLoginLogs, type LoginLogEntry } from '../identity/login/loginLogs.ts';
import { apiKeyIdOf, callerIdOfKey } from '../platform/caller.ts';
import { route, type Route } from '../platform/http/route.ts';
import { toWireTime } from '../platform/shapes.ts';
import { longPageToWire } from './longPage.ts';
import { auditLogsQuery, auditLogsShape, loginLogsQuery, loginLogsShape } from './messages.ts';

/** What was changed by whom, and who logged in. */
export function logRoutes({ database }: AccessServices): Route[] {
  return [
    route({
      method: 'get',
      path: '/admin/audit-logs',
      access: 'audit-logs:read',
      list: { name: 'audit-logs' },
      summary: 'Changes by staff and administrators, newest first',
      query: auditLogsQuery,
      data: auditLogsShape,
      handle: async ({ query }) => {
        const {
          actor_id: userId,
          api_key_id: keyId,
          target_type: targetType,
          target_id: targetId,
          ...rest
        } = query;
        const actorId = keyId === undefined ? userId : callerIdOfKey(keyId);
        const page = await listAuditLog(database, { actorId, targetType, targetId, ...rest });
        return { data: longPageToWire(page, auditToWire) };
      },
    }),
    route({
      method: 'get',
      path: '/admin/login-logs',
      access: 'login-logs:read',
      list: { name: 'login-logs' },
      summary: 'Logins and refused tries, newest first, with what was unusual about them',
      query: loginLogsQuery,
      data: loginLogsShape,
      handle: async ({ query }) => {
        const { user_id: userId, ...filter } = query;
        return { data: longPageToWire(await listLoginLogs(database, { userId, ...filter }), loginToWire) };
      },
    }),
  ];
}

function loginToWire(entry: LoginLogEntry) {
  return {
    log_id: entry.logId,
    user_id: entry.userId,
    session_id: entry.sessionId,
    mobile: entry.mobile,
    outcome: entry.outcome,
    flags: entry.flags,
    device_id: entry.deviceId,
    ip: entry.ip,
    network: entry.network,
    user_agent: entry.userAgent,
    created_at: toWireTime(entry.createdAtMs),
  };
}

function auditToWire(record: AuditRecord) {
  return {
    audit_id: record.auditId,
    actor_id: record.actorId > 0 ? record.actorId : null,
    api_key_id: apiKeyIdOf(record.actorId) ?? null,
    action: record.action,
    target_type: record.targetType,
    target_id: record.targetId,
    before: record.before,
    after: record.after,
    ip: record.ip,
    request_id: record.requestId,
    created_at: toWireTime(record.createdAtMs),
  };
}
