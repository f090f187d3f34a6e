import { In } from 'typeorm';
import { recordAction } from '../admin/adminLog.ts';
import { BusinessEvent, type EventStatus } from '../../entities/platform/BusinessEvent.ts';
import type { Actor } from '../platform/caller.ts';
import type { Clock } from '../platform/clock.ts';
import { withNamedLock } from '../platform/database/namedLock.ts';
import { fromSqlTime, sqlTime } from '../platform/database/sqlValues.ts';
import type { Database, Tx } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { EVENTS_TOPIC } from '../platform/events/outbox.ts';
import { retryDeadLetter } from '../platform/events/retryDeadLetter.ts';
import { LIMITS } from '../platform/limits.ts';

export interface RetryServices {
  database: Database;
  clock: Clock;
}

const GAP_MS = 1000 / LIMITS.retriedEventsPerSecond;

/** Of an event that is no dead letter nothing is changed, and nothing is recorded (RE-8). @throws AppError NOT_FOUND */
export async function retryEvent(
  { database, clock }: RetryServices,
  { actor, eventId }: { actor: Actor; eventId: number },
): Promise<{ isRetried: boolean; status: EventStatus }> {
  return database.retryingTransaction(async (tx) => {
    const [event] = await tx.lock(BusinessEvent, { where: { event_id: eventId } });
    if (event === undefined) throw new AppError('NOT_FOUND');
    if (!(await retryDeadLetter(tx, eventId))) return { isRetried: false, status: event.status };
    await recordAction(
      tx,
      {
        actor,
        action: 'event.retry',
        target: { type: 'event', id: eventId },
        before: { status: event.status, attempts: event.attempts },
        after: { status: 'pending', attempts: 0 },
      },
      clock.nowMs(),
    );
    return { isRetried: true, status: 'pending' };
  });
}

export interface BulkRetried {
  retried: number;
  hasMore: boolean;
  /** When the last of them is due. */
  lastMs: number | null;
}

/**
 * The oldest dead letters get all their tries again, so many a second and no more, behind those of earlier calls: each is due at a
 * time of its own, as after a try that failed.
 * @throws AppError RATE_LIMITED while those of earlier calls wait for too long already
 */
export async function retryEvents(
  { database, clock }: RetryServices,
  { actor, type, limit }: { actor: Actor; type?: string | undefined; limit: number },
): Promise<BulkRetried> {
  return database.retryingTransaction((tx) =>
    withNamedLock(tx, 'events:retry', async () => {
      const nowMs = clock.nowMs();
      const firstMs = Math.max(nowMs, (await lastWaiting(tx, nowMs)) + GAP_MS);
      const aheadMs = firstMs - nowMs;
      if (aheadMs > LIMITS.retriesAheadMs)
        throw new AppError('RATE_LIMITED', {
          retryAfterSeconds: Math.ceil((aheadMs - LIMITS.retriesAheadMs) / 1000) + 1,
        });
      const found = await tx.lock(BusinessEvent, {
        select: { event_id: true },
        where: { status: 'dead_letter', ...(type !== undefined && { event_type: type }) },
        order: { event_id: 'ASC' },
        take: limit + 1,
      });
      const eventIds = found.slice(0, limit).map(({ event_id }) => event_id);
      if (eventIds.length === 0) return { retried: 0, hasMore: false, lastMs: null };
      await schedule(tx, eventIds, firstMs);
      tx.topics.add(EVENTS_TOPIC);
      const after = { type: type ?? null, event_ids: eventIds };
      const target = { type: 'events', id: type ?? 'dead_letter' };
      await recordAction(tx, { actor, action: 'event.retry', target, before: null, after }, nowMs);
      const lastMs = firstMs + (eventIds.length - 1) * GAP_MS;
      return { retried: eventIds.length, hasMore: found.length > limit, lastMs };
    }),
  );
}

/** When the last is due of those that were retried and not tried since: nothing else is failed without a failed try. */
async function lastWaiting(tx: Tx, nowMs: number): Promise<number> {
  const [row] = await tx.query<{ last: Date | string | null }>(
    `SELECT MAX(available_at) AS last FROM business_events WHERE status = 'failed' AND attempts = 0 AND available_at > ?`,
    [sqlTime(nowMs)],
  );
  const last = row?.last ?? null;
  return last === null ? Number.NEGATIVE_INFINITY : fromSqlTime(last);
}

async function schedule(tx: Tx, eventIds: readonly number[], firstMs: number): Promise<void> {
  const cases = eventIds.map(() => 'WHEN ? THEN ?').join(' ');
  await tx.manager.update(
    BusinessEvent,
    { event_id: In([...eventIds]) },
    { status: 'failed', attempts: 0, takeovers: 0, processed_at: null, claimed_by: null },
  );
  await tx.execute(
    `UPDATE business_events SET available_at = CASE event_id ${cases} END WHERE event_id IN (?)`,
    [...eventIds.flatMap((eventId, at) => [eventId, sqlTime(firstMs + at * GAP_MS)]), eventIds],
  );
}
