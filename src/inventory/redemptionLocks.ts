/*
 * Whoever redeems may read a few codes wrong; with the last of them they wait (RL-7).
 *
 * They have a row in the database, so it holds on all nodes, with Redis or without. Each try locks that row before anything else:
 * tries of one scanner are made one after the other, and none slips in between a wrong code and its count.
 */
import { RedemptionLock } from '../../entities/inventory/RedemptionLock.ts';
import { upsertAll } from '../platform/database/bulk.ts';
import type { Tx } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { LIMITS } from '../platform/limits.ts';

/** @throws AppError RATE_LIMITED while they wait */
export async function beginScan(tx: Tx, scannerId: number, nowMs: number): Promise<RedemptionLock> {
  await upsertAll(tx, RedemptionLock, [{ scanner_id: scannerId }], {
    scanner_id: ({ stored }) => stored('scanner_id'),
  });
  const [lock] = await tx.lock(RedemptionLock, { where: { scanner_id: scannerId } });
  if (lock === undefined) throw new Error('A redemption lock that was just written is missing');
  const leftMs = (lock.locked_until?.getTime() ?? 0) - nowMs;
  // A clock that was set back must not draw it out.
  if (leftMs <= 0 || leftMs > LIMITS.wrongCodesLockMs) return lock;
  throw new AppError('RATE_LIMITED', { retryAfterSeconds: Math.ceil(leftMs / 1000) });
}

export async function countWrongCode(tx: Tx, lock: RedemptionLock, nowMs: number): Promise<void> {
  const since = nowMs - LIMITS.wrongCodesWithinMs;
  const wrongAt = [...(lock.wrong_at ?? []).filter((atMs) => atMs > since && atMs <= nowMs), nowMs];
  const isLast = wrongAt.length >= LIMITS.wrongCodes;
  await tx.manager.update(
    RedemptionLock,
    { scanner_id: lock.scanner_id },
    isLast
      ? { wrong_at: [], locked_until: new Date(nowMs + LIMITS.wrongCodesLockMs) }
      : { wrong_at: wrongAt },
  );
}
