import { recordAction } from '../admin/adminLog.ts';
import type { Actor } from '../platform/caller.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { emitSimulated } from '../platform/events/outbox.ts';
import { EVENT_TYPES, type EventType } from '../platform/events/types.ts';
import { idShape } from '../platform/shapes.ts';

/**
 * What an administrator may publish (RE-11). Handlers take an event for what has happened: a type that any of them gives points,
 * prizes or money for is never here, as `user:registered`, which gives points to whoever it names.
 */
export const PUBLISHABLE: readonly EventType[] = [
  'calendar:holidays_missing',
  'sms:cap_reached',
  'user:action',
  'user:login',
  'user:login_flagged',
];

export interface Published {
  actor: Actor;
  type: string;
  data: Record<string, unknown>;
}

/** @returns its event_id. @throws AppError FORBIDDEN, or VALIDATION_FAILED for a type that nobody knows */
export async function publishEvent(
  { database, clock }: { database: Database; clock: Clock },
  { actor, type, data }: Published,
): Promise<number> {
  const known = EVENT_TYPES.find((name) => name === type);
  if (known === undefined)
    throw new AppError('VALIDATION_FAILED', { details: [{ path: 'type', message: 'is no known type' }] });
  if (!PUBLISHABLE.includes(known)) throw new AppError('FORBIDDEN');
  const userId = idShape.nullable().catch(null).parse(data['user_id']);
  const nowMs = clock.nowMs();
  return database.retryingTransaction(async (tx) => {
    const eventId = await emitSimulated(tx, { type: known, userId, data }, nowMs);
    const target = { type: 'event', id: eventId };
    await recordAction(
      tx,
      { actor, action: 'event.publish', target, before: null, after: { type, data } },
      nowMs,
    );
    return eventId;
  });
}
