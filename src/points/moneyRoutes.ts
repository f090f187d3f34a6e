/** What all routes that move points have in common. */
import { businessDayOf, endOfBusinessDay, type Clock } from '../platform/clock.ts';
import { once } from '../platform/database/idempotency.ts';
import type { Database, Tx } from '../platform/database/transaction.ts';
import type { Logger } from '../platform/logger.ts';
import { identityOf, type Reply, type RouteInput } from '../platform/http/route.ts';
import type { PointsConfig } from './settings.ts';

export interface PointsServices {
  database: Database;
  clock: Clock;
  logger: Logger;
  config: PointsConfig & { businessTimezone: string };
}

/**
 * Runs a movement once per Idempotency-Key of the caller (PTS-4). The HTTP layer has checked that the key is there where it must be;
 * elsewhere a call without one is a movement of its own.
 */
export async function movedOnce<Data>(
  { database, clock }: Pick<PointsServices, 'database' | 'clock'>,
  input: RouteInput<unknown, unknown, unknown>,
  move: (tx: Tx, callerId: number, nowMs: number) => Promise<Data>,
): Promise<Reply<Data>> {
  const { userId } = identityOf(input);
  const key = input.request.get('Idempotency-Key');
  const nowMs = clock.nowMs();
  if (key === undefined)
    return { data: await database.retryingTransaction((tx) => move(tx, userId, nowMs)), replayed: false };
  const { method, path } = input.request;
  const call = { userId, key, request: { method, path, body: input.body }, nowMs };
  const { result, replayed } = await once(database, call, (tx) => move(tx, userId, nowMs));
  return { data: result, replayed };
}

/** When what may be used through the business day of a moment ends; null where no moment is given. */
export function endOfDayOf({ config }: PointsServices, momentMs: number | undefined): number | null {
  return momentMs === undefined ? null : endOfBusinessDay(momentMs, config.businessTimezone);
}

/** Reads what is true now, by the days of the restaurants. */
export function currentOf({ database, config }: PointsServices): Pick<Tx, 'manager' | 'dayOf'> {
  return {
    manager: database.currentReader,
    dayOf: (timeMs) => businessDayOf(timeMs, config.businessTimezone),
  };
}
