/** Lots that end: the job that expires them, and the forecast (P-6). */
import { LessThanOrEqual } from 'typeorm';
import { PointsHold } from '../../entities/points/PointsHold.ts';
import { UserPointsAccount } from '../../entities/points/UserPointsAccount.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import { releaseDue } from './holds.ts';
import { postWhatIsDue } from './ledger.ts';
import { readSettled } from './lots.ts';
import { repeating } from '../platform/repeating.ts';

export interface ExpiryServices {
  database: Database;
  clock: Clock;
  logger: Logger;
}

/** Accounts that one transaction holds. */
const BATCH = 100;

/** Expires what has ended, and releases what is held too long, again and again. Every node does; each lot ends once. */
export function keepExpiring(services: ExpiryServices): () => void {
  const problem = 'points could not be expired';
  return repeating(services.logger, problem, (stopping) => expireAll(services, stopping));
}

/** All that is due now, in batches. */
export async function expireAll(
  { database, clock }: Omit<ExpiryServices, 'logger'>,
  stopping?: AbortSignal,
): Promise<void> {
  const reader = database.currentReader;
  const due = () => LessThanOrEqual(new Date(clock.nowMs()));
  const endedLots = () =>
    reader.find(UserPointsAccount, {
      select: { account_id: true, user_id: true },
      where: { next_due_at: due() },
      order: { next_due_at: 'ASC' },
      take: BATCH,
    });
  const endedHolds = () =>
    reader.find(PointsHold, {
      select: { hold_id: true, user_id: true },
      where: { status: 'held', expires_at: due() },
      order: { expires_at: 'ASC' },
      take: BATCH,
    });
  await inBatches(endedLots, stopping, (userIds) =>
    database.retryingTransaction((tx) => postWhatIsDue(tx, userIds, clock.nowMs())),
  );
  await inBatches(endedHolds, stopping, async (userIds) => {
    for (const userId of userIds)
      await database.retryingTransaction((tx) => releaseDue(tx, userId, clock.nowMs()));
  });
}

/** Until fewer are due than one batch takes. What was worked on is due no more. */
async function inBatches(
  find: () => Promise<{ user_id: number }[]>,
  stopping: AbortSignal | undefined,
  work: (userIds: number[]) => Promise<void>,
): Promise<void> {
  while (stopping?.aborted !== true) {
    const rows = await find();
    if (rows.length > 0) await work([...new Set(rows.map(({ user_id: userId }) => userId))]);
    if (rows.length < BATCH) return;
  }
}

export interface Ending {
  /** The last moment at which it may be spent. */
  lastMs: number;
  amountHundredths: number;
}

/**
 * What of a user's available points ends within so many days, in the order in which it does. Nothing is written.
 * @throws AppError NOT_FOUND when the user has no account
 */
export async function readEndings(
  database: Database,
  userId: number,
  { nowMs, untilMs }: { nowMs: number; untilMs: number },
): Promise<Ending[]> {
  const book = (await readSettled(database, [userId])).get(userId);
  if (book === undefined) throw new AppError('NOT_FOUND');
  const ends = new Map<number, number>();
  for (const { expiresAtMs, remaining } of book.open) {
    if (expiresAtMs === null || expiresAtMs <= nowMs || expiresAtMs > untilMs) continue;
    ends.set(expiresAtMs, (ends.get(expiresAtMs) ?? 0) + remaining);
  }
  return [...ends].map(([endMs, amountHundredths]) => ({ lastMs: endMs - 1, amountHundredths }));
}
