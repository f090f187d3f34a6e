/*
 * Reviews that nobody has decided in time (RA-5). When each is due is stored with it, in business time as far as days off are known;
 * whoever comes to it counts again, since holidays are entered later, and puts it off or tells of it. Only whoever holds the review
 * does either: so every node looks, whichever is restarted, and each is told of once.
 */
import { In, IsNull, LessThanOrEqual, type EntityManager } from 'typeorm';
import { Review } from '../../entities/reviews/Review.ts';
import type { LiveConfiguration } from '../configuration/liveConfiguration.ts';
import { momentAfter } from '../platform/businessTime.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database, Tx } from '../platform/database/transaction.ts';
import { emitEvents } from '../platform/events/outbox.ts';
import type { Logger } from '../platform/logger.ts';
import { repeating } from '../platform/repeating.ts';
import { toWireTime } from '../platform/shapes.ts';
import { readCalendars, type UsualHours } from '../restaurants/calendars.ts';

export interface OverdueServices {
  database: Database;
  clock: Clock;
  logger: Logger;
  config: { businessTimezone: string };
  configuration: Pick<LiveConfiguration, 'now'>;
}

const BATCH = 100;
const LOOK_MS = 5000;
const MINUTE_MS = 60_000;
/** Days off are looked for so far ahead: those of the year after are announced late in a year. */
const AHEAD_MS = 400 * 86_400_000;

export function keepEscalating(services: OverdueServices): () => void {
  const problem = 'reviews that nobody has decided in time could not be looked for';
  const look = (stopping: AbortSignal) => escalateDue(services, stopping);
  return repeating(services.logger, problem, look, { intervalMs: LOOK_MS });
}

export async function escalateDue(
  services: Omit<OverdueServices, 'logger'>,
  stopping?: AbortSignal,
): Promise<void> {
  const { database, clock } = services;
  while (stopping?.aborted !== true) {
    const due = await database.currentReader.find(Review, {
      select: { review_id: true },
      where: dueBy(clock.nowMs()),
      order: { due_at: 'ASC' },
      take: BATCH,
    });
    const ids = due.map(({ review_id: id }) => id);
    if (ids.length > 0)
      await database.retryingTransaction((tx) => escalate(tx, ids, termsOf(services), clock.nowMs()));
    if (ids.length < BATCH) return;
  }
}

const dueBy = (nowMs: number) => ({
  status: 'pending' as const,
  escalated_at: IsNull(),
  due_at: LessThanOrEqual(new Date(nowMs)),
});

async function escalate(
  tx: Tx,
  ids: readonly number[],
  { hours, limitMinutes }: ReviewTerms,
  nowMs: number,
): Promise<void> {
  const where = { ...dueBy(nowMs), review_id: In([...ids]) };
  const held = await tx.lock(Review, { where, order: { review_id: 'ASC' } });
  const reviews = held.map((one) => ({ ...one, limit_minutes: one.limit_minutes ?? limitMinutes }));
  const dueOf = await dueTimes(tx.manager, hours, reviews);
  for (const review of reviews.filter((one) => dueOf(one) > nowMs)) {
    const { review_id, limit_minutes } = review;
    await tx.manager.update(Review, { review_id }, { due_at: new Date(dueOf(review)), limit_minutes });
  }
  const late = reviews.filter((one) => dueOf(one) <= nowMs);
  if (late.length === 0) return;
  for (const [minutes, alike] of Map.groupBy(late, (one) => one.limit_minutes)) {
    const which = { review_id: In(alike.map(({ review_id: id }) => id)) };
    await tx.manager.update(Review, which, { escalated_at: new Date(nowMs), limit_minutes: minutes });
  }
  const events = late.map((one) => ({
    type: 'review:overdue' as const,
    userId: null,
    data: {
      ...{ review_id: one.review_id, kind: one.kind, subject_id: one.subject_id },
      ...{ restaurant_id: one.restaurant_id, due_at: toWireTime(dueOf(one)) },
    },
  }));
  await emitEvents(tx, events, nowMs);
}

/** By what a review that is asked for now is due. */
export interface ReviewTerms {
  hours: UsualHours;
  /** Of business time, within which it is to be decided. */
  limitMinutes: number;
}

export function termsOf({
  config,
  configuration,
}: Pick<OverdueServices, 'config' | 'configuration'>): ReviewTerms {
  const { service, reviews } = configuration.now();
  const hours = { hours: service.hours, businessTimezone: config.businessTimezone };
  return { hours, limitMinutes: reviews.decision_minutes };
}

type Timed = Pick<Review, 'created_at' | 'restaurant_id'> & { limit_minutes: number };

/** When each is due, by the hours of its restaurant and the days off as they are known now. */
export async function dueTimes(
  manager: EntityManager,
  hours: UsualHours,
  reviews: readonly Timed[],
): Promise<(review: Timed) => number> {
  const createdMs = reviews.map(({ created_at }) => created_at.getTime());
  const calendarOf = await readCalendars(manager, hours, {
    restaurantIds: reviews.flatMap(({ restaurant_id: id }) => id ?? []),
    timesMs: createdMs.flatMap((timeMs) => [timeMs, timeMs + AHEAD_MS]),
  });
  return ({ restaurant_id, created_at, limit_minutes: minutes }) =>
    momentAfter(calendarOf(restaurant_id), created_at.getTime(), minutes * MINUTE_MS);
}
