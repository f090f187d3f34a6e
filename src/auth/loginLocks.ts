/*
 * Locks of numbers after wrong codes.
 *
 * A number is open, or locked until a time. Every AUTH_FAILURES_BEFORE_LOCK-th wrong code in a row locks it, for twice as long
 * as the lock before, and until then even the right code is refused. Time opens it and keeps the count; a good login and an
 * administrator open it and set the count to 0. A try while it is locked counts for nothing, so a lock cannot be drawn out.
 *
 * A number has a row from its first try on, whether anybody is registered by it or not: the same statements run for both, so
 * that neither an answer nor its time tells which it is. Every login locks that row before anything else. The tries of one
 * number are made one after the other, and none slips in between a wrong code and its count.
 */
import { upsertRows } from '../database/bulk.ts';
import { fromSqlTime, sqlTime } from '../database/sqlValues.ts';
import { forUpdate, type Tx } from '../database/transaction.ts';
import { AppError } from '../errors.ts';

const MAX_LOCK_MS = 24 * 3_600_000;
const LOCKS = { table: 'login_locks', columns: ['mobile', 'origin', 'updated_at'] } as const;

export interface LoginLock {
  mobile: string;
  /** Wrong codes since the last good login. */
  failures: number;
  /** May be past. */
  lockedUntilMs: number | null;
}

/** Begins a try: the number's row is there and locked until the transaction ends. */
export async function beginTry(tx: Tx, mobile: string, nowMs: number): Promise<LoginLock> {
  await upsertRows(tx, LOCKS, ['mobile', 'origin'], [[mobile, '', sqlTime(nowMs)]]);
  const row = await readLock(tx, mobile, forUpdate(tx));
  if (row === undefined) throw new Error('A login lock that was just written is missing');
  return lockOf(mobile, row);
}

/** RATE_LIMITED with the time to wait, or undefined when the number is open. */
export function refusalOf({ lockedUntilMs }: LoginLock, nowMs: number): AppError | undefined {
  if (lockedUntilMs === null || lockedUntilMs <= nowMs) return undefined;
  return new AppError('RATE_LIMITED', { retryAfterSeconds: Math.ceil((lockedUntilMs - nowMs) / 1000) });
}

/** @throws AppError RATE_LIMITED */
export async function checkNotLocked(tx: Tx, mobile: string, nowMs: number): Promise<void> {
  const row = await readLock(tx, mobile, '');
  const refusal = row && refusalOf(lockOf(mobile, row), nowMs);
  if (refusal !== undefined) throw refusal;
}

export async function countFailure(
  tx: Tx,
  { mobile, failures, lockedUntilMs }: LoginLock,
  settings: { failuresBeforeLock: number; lockSeconds: number },
  nowMs: number,
): Promise<void> {
  const counted = failures + 1;
  const lockMs = lockDurationMs(counted, settings);
  await writeLock(tx, {
    mobile,
    failures: counted,
    lockedUntilMs: lockMs > 0 ? nowMs + lockMs : lockedUntilMs,
  });
}

/** After a good login. */
export async function forgetFailures(tx: Tx, { mobile, failures }: LoginLock): Promise<void> {
  if (failures > 0) await writeLock(tx, { mobile, failures: 0, lockedUntilMs: null });
}

/**
 * Opens a number and sets its count to 0, whatever they are.
 * @returns what was before; undefined for a number that nobody has tried.
 */
export async function unlockLogin(
  tx: Tx,
  mobile: string,
): Promise<{ consecutive_fail_count: number; locked_until: string | null } | undefined> {
  const row = await readLock(tx, mobile, forUpdate(tx));
  if (row === undefined) return undefined;
  const { failures, lockedUntilMs } = lockOf(mobile, row);
  await writeLock(tx, { mobile, failures: 0, lockedUntilMs: null });
  return {
    consecutive_fail_count: failures,
    locked_until: lockedUntilMs === null ? null : new Date(lockedUntilMs).toISOString(),
  };
}

/** 0 for a failure that does not lock. */
function lockDurationMs(
  failures: number,
  { failuresBeforeLock, lockSeconds }: { failuresBeforeLock: number; lockSeconds: number },
): number {
  if (failures % failuresBeforeLock !== 0) return 0;
  return Math.min(MAX_LOCK_MS, lockSeconds * 1000 * 2 ** (failures / failuresBeforeLock - 1));
}

interface LockRow {
  consecutive_fail_count: number;
  locked_until: Date | string | null;
}

async function readLock(tx: Tx, mobile: string, locking: string): Promise<LockRow | undefined> {
  const [row] = await tx.query<LockRow>(
    `SELECT consecutive_fail_count, locked_until FROM login_locks WHERE mobile = ?${locking}`,
    [mobile],
  );
  return row;
}

async function writeLock(tx: Tx, { mobile, failures, lockedUntilMs }: LoginLock): Promise<void> {
  await tx.execute('UPDATE login_locks SET consecutive_fail_count = ?, locked_until = ? WHERE mobile = ?', [
    failures,
    lockedUntilMs === null ? null : sqlTime(lockedUntilMs),
    mobile,
  ]);
}

function lockOf(mobile: string, row: LockRow): LoginLock {
  return {
    mobile,
    failures: row.consecutive_fail_count,
    lockedUntilMs: row.locked_until === null ? null : fromSqlTime(row.locked_until),
  };
}
