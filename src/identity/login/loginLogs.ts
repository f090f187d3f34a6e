/** The login log: one row per try that reached the database, good or refused, and what was unusual about it. */
import { Raw } from 'typeorm';
import { LoginLog, type LoginFlag } from '../../../entities/identity/LoginLog.ts';
import {
  listNumbered,
  type LongPage,
  type NumberedQuery,
  type NumberedTable,
} from '../../platform/database/numberedList.ts';
import { sqlTime } from '../../platform/database/sqlValues.ts';
import type { Database, Tx } from '../../platform/database/transaction.ts';
import type { ErrorCode } from '../../platform/errors.ts';
import { maskMobile } from './mask.ts';

/** Wrong codes in a row, from which on a try is worth a look. */
const FAILURES_WORTH_A_LOOK = 3;

export interface Circumstances {
  /** Wrong codes in a row before this try. */
  failures: number;
  network: string;
  /** Networks of the user's latest good logins; empty before the first, when everything is new and nothing is unusual. */
  networksBefore: readonly string[];
  isNewDevice: boolean;
  isShared: boolean;
}

/** Nothing but `failures` is known of a try that was refused, on purpose: what else there is belongs to the user. */
export function flagsOf(
  circumstances: Pick<Circumstances, 'failures'> & Partial<Circumstances>,
): LoginFlag[] {
  const { failures, network, networksBefore = [], isNewDevice, isShared } = circumstances;
  const hasLoggedIn = networksBefore.length > 0;
  const flags: Record<LoginFlag, boolean> = {
    new_device: hasLoggedIn && isNewDevice === true,
    new_network: hasLoggedIn && network !== undefined && !networksBefore.includes(network),
    after_failures: failures >= FAILURES_WORTH_A_LOOK,
    shared_device: isShared === true,
  };
  return (Object.keys(flags) as LoginFlag[]).filter((flag) => flags[flag]);
}

export interface NewLoginLog {
  /** In full; it is stored masked. */
  mobile: string;
  sessionId: number | null;
  outcome: 'OK' | ErrorCode;
  flags: readonly LoginFlag[];
  deviceId: string | null;
  ip: string;
  network: string;
  userAgent: string | null;
}

/**
 * The user is looked up by the same statement, so that a refused try costs the same whether there is one or not. It is an INSERT
 * from a SELECT because that reads the user without a lock; within VALUES it would wait for whoever has locked their row.
 */
export async function insertLoginLog(tx: Tx, log: NewLoginLog, nowMs: number): Promise<void> {
  const { mobile, sessionId, outcome, flags, deviceId, ip, network, userAgent } = log;
  await tx.execute(
    `INSERT INTO login_logs (user_id, session_id, mobile, outcome, flags, device_id, ip, network, user_agent, created_at)
     SELECT (SELECT user_id FROM users WHERE mobile = ?), ?, ?, ?, ?, ?, ?, ?, ?, ?`,
    [
      mobile,
      sessionId,
      maskMobile(mobile),
      outcome,
      JSON.stringify(flags),
      deviceId,
      ip,
      network,
      userAgent,
      sqlTime(nowMs),
    ],
  );
}

export interface LoginLogFilter extends NumberedQuery {
  userId?: number | undefined;
  /** OK, or the code of a refusal. */
  outcome?: string | undefined;
  /** Whether anything was unusual. */
  flagged?: boolean | undefined;
}

export interface LoginLogEntry {
  logId: number;
  /** null: nobody was registered by the number. */
  userId: number | null;
  sessionId: number | null;
  /** Masked. */
  mobile: string;
  outcome: string;
  flags: LoginFlag[];
  deviceId: string | null;
  ip: string;
  network: string;
  userAgent: string | null;
  createdAtMs: number;
}

const LOGIN_LOGS: NumberedTable<LoginLog> = { entity: LoginLog, key: 'log_id', indexed: ['user_id'] };

/** One page, newest first. */
export async function listLoginLogs(
  database: Database,
  filter: LoginLogFilter,
): Promise<LongPage<LoginLogEntry>> {
  const { userId, outcome, flagged } = filter;
  const condition = {
    user_id: userId,
    outcome,
    flags: flagged === undefined ? undefined : anyFlags(flagged),
  };
  const { items, ...page } = await listNumbered(database.reader, LOGIN_LOGS, condition, filter);
  return { ...page, items: items.map(entryOf) };
}

function anyFlags(flagged: boolean) {
  return Raw((column) => `${column} ${flagged ? '<>' : '='} '[]'`);
}

function entryOf(row: LoginLog): LoginLogEntry {
  return {
    logId: row.log_id,
    userId: row.user_id,
    sessionId: row.session_id,
    mobile: row.mobile,
    outcome: row.outcome,
    flags: row.flags,
    deviceId: row.device_id,
    ip: row.ip,
    network: row.network,
    userAgent: row.user_agent,
    createdAtMs: row.created_at.getTime(),
  };
}
