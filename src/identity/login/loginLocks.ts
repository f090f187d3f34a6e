/*
 * Locks after wrong codes.
 *
 * A lock is of one number and one origin (origin.ts): whoever guesses at a number locks themself out and nobody else. It is
 * open, or closed until a time. Every AUTH_FAILURES_BEFORE_LOCK-th wrong code in a row closes it, for twice as long as the time
 * before, and until then even the right code is refused. Time opens it and keeps the count; a good login from there and an
 * administrator open it and set the count to 0. A try while it is closed counts for nothing, so it cannot be drawn out; nor
 * does a try that could not have hit, because no code of the number is open. How often a code may be guessed at from anywhere
 * is bounded by the code itself (codes.ts).
 *
 * A lock has a row from the first try on, whether anybody is registered by the number or not: the same statements run for both,
 * so that neither an answer nor its time tells which it is. Every login locks that row before anything else. The tries of one
 * origin are made one after the other, and none slips in between a wrong code and its count.
 */
import { LoginLock as StoredLock } from '../../../entities/identity/LoginLock.ts';
import { upsertAll } from '../../platform/database/bulk.ts';
import { sqlTime } from '../../platform/database/sqlValues.ts';
import type { Database, Tx } from '../../platform/database/transaction.ts';
import { AppError } from '../../platform/errors.ts';

const MAX_LOCK_MS = 24 * 3_600_000;

/** Whose lock it is. */
export interface LockKey {
  mobile: string;
  origin: string;
}

export interface LoginLock extends LockKey {
  /** Wrong codes since the last good login. */
  failures: number;
  /** May be past. */
  lockedUntilMs: number | null;
}

/** Begins a try: the row is there and locked until the transaction ends. */
export async function beginTry(tx: Tx, key: LockKey, nowMs: number): Promise<LoginLock> {
  const { mobile, origin } = key;
  await upsertAll(tx, StoredLock, [{ mobile, origin, updated_at: new Date(nowMs) }]);
  const [lock] = await tx.lock(StoredLock, { select: COUNTED, where: { mobile, origin } });
  if (lock === undefined) throw new Error('A login lock that was just written is missing');
  return lockOf(lock);
}

/** RATE_LIMITED with the time to wait, or undefined when the number is open. */
export function refusalOf({ lockedUntilMs }: LoginLock, nowMs: number): AppError | undefined {
  if (lockedUntilMs === null || lockedUntilMs <= nowMs) return undefined;
  return new AppError('RATE_LIMITED', { retryAfterSeconds: Math.ceil((lockedUntilMs - nowMs) / 1000) });
}

/** @throws AppError RATE_LIMITED */
export async function checkNotLocked(tx: Tx, key: LockKey, nowMs: number): Promise<void> {
  const lock = await tx.manager.findOne(StoredLock, { select: COUNTED, where: { ...key } });
  const refusal = lock === null ? undefined : refusalOf(lockOf(lock), nowMs);
  if (refusal !== undefined) throw refusal;
}

/** After a try that was refused; one that is not counted costs the same. */
export async function countFailure(
  tx: Tx,
  lock: LoginLock,
  { isCounted, failuresBeforeLock, lockSeconds }: LockSettings & { isCounted: boolean },
  nowMs: number,
): Promise<void> {
  const failures = lock.failures + (isCounted ? 1 : 0);
  const lockMs = isCounted ? lockDurationMs(failures, { failuresBeforeLock, lockSeconds }) : 0;
  await writeLock(tx, { ...lock, failures, lockedUntilMs: lockMs > 0 ? nowMs + lockMs : lock.lockedUntilMs });
}

/** After a good login. */
export async function forgetFailures(tx: Tx, lock: LoginLock): Promise<void> {
  if (lock.failures > 0) await writeLock(tx, { ...lock, failures: 0, lockedUntilMs: null });
}

/** As the administration sees it. */
export interface LockState {
  consecutive_fail_count: number;
  locked_until: string | null;
}

/**
 * Opens all locks of a number and sets their counts to 0, whatever they are.
 * @returns the worst that was before; undefined for a number that nobody has tried.
 */
export async function unlockLogin(tx: Tx, mobile: string): Promise<LockState | undefined> {
  const worst = worstOf(await tx.lock(StoredLock, { select: COUNTED, where: { mobile } }));
  if (worst === undefined) return undefined;
  await tx.manager.update(StoredLock, { mobile }, { consecutive_fail_count: 0, locked_until: null });
  return worst;
}

/** The worst of a number's locks; undefined for one that nobody has tried. */
export async function findLock(database: Database, mobile: string): Promise<LockState | undefined> {
  return worstOf(await database.currentReader.find(StoredLock, { select: COUNTED, where: { mobile } }));
}

function worstOf(locks: readonly CountedLock[]): LockState | undefined {
  if (locks.length === 0) return undefined;
  const untils = locks.flatMap(({ locked_until: until }) => (until === null ? [] : [until.getTime()]));
  return {
    consecutive_fail_count: Math.max(...locks.map((lock) => lock.consecutive_fail_count)),
    locked_until: untils.length === 0 ? null : new Date(Math.max(...untils)).toISOString(),
  };
}

export interface LockSettings {
  failuresBeforeLock: number;
  lockSeconds: number;
}

/** 0 for a failure that does not lock. */
function lockDurationMs(failures: number, { failuresBeforeLock, lockSeconds }: LockSettings): number {
  if (failures % failuresBeforeLock !== 0) return 0;
  return Math.min(MAX_LOCK_MS, lockSeconds * 1000 * 2 ** (failures / failuresBeforeLock - 1));
}

const COUNTED = { mobile: true, origin: true, consecutive_fail_count: true, locked_until: true } as const;
type CountedLock = Pick<StoredLock, keyof typeof COUNTED>;

function lockOf({
  mobile,
  origin,
  consecutive_fail_count: failures,
  locked_until: until,
}: CountedLock): LoginLock {
  return { mobile, origin, failures, lockedUntilMs: until?.getTime() ?? null };
}

async function writeLock(tx: Tx, { mobile, origin, failures, lockedUntilMs }: LoginLock): Promise<void> {
  await tx.execute(
    'UPDATE login_locks SET consecutive_fail_count = ?, locked_until = ? WHERE mobile = ? AND origin = ?',
    [failures, lockedUntilMs === null ? null : sqlTime(lockedUntilMs), mobile, origin],
  );
}
