/** What waits for somebody to decide it, for those who may. */
import type { AccessControl } from '../identity/access/accessControl.ts';
import { findRestaurants } from '../inventory/restaurantStaff.ts';
import { longPageToWire } from '../admin/longPage.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database/transaction.ts';
import { asAppError } from '../platform/errors.ts';
import { actorOf, identityOf, route, type Route } from '../platform/http/route.ts';
import type { Caller, Permission } from '../platform/caller.ts';
import type { ReviewDecision, ReviewKinds } from './kinds.ts';
import {
  decisionBody,
  decisionsBody,
  decisionsShape,
  reviewPath,
  reviewShape,
  reviewsQuery,
  reviewsShape,
} from './messages.ts';
import { findReview, forbidden, listReviews, readReview, type Reader, type Reading } from './readReviews.ts';

export interface ReviewRoutesServices {
  database: Database;
  clock: Clock;
  access: Pick<AccessControl, 'can'>;
  reviewKinds: ReviewKinds;
}

export function reviewRoutes(services: ReviewRoutesServices): Route[] {
  // `decide` is no id.
  return [decisionsRoute(services), ...readingRoutes(services), decisionRoute(services)];
}

async function readerOf({ database, access }: ReviewRoutesServices, caller: Caller): Promise<Reader> {
  const can = (permission: Permission) => access.can(caller, permission);
  const { userId } = caller;
  if (can('reviews:supervise')) return { userId, can, restaurants: undefined };
  return { userId, can, restaurants: await findRestaurants(database.currentReader, userId) };
}

async function readingOf(services: ReviewRoutesServices, caller: Caller): Promise<Reading> {
  const { database, clock, reviewKinds: kinds } = services;
  const reader = await readerOf(services, caller);
  return { manager: database.currentReader, nowMs: clock.nowMs(), kinds, reader };
}

function readingRoutes(services: ReviewRoutesServices): Route[] {
  return [
    route({
      method: 'get',
      path: '/admin/reviews',
      access: 'reviews:decide',
      list: { name: 'reviews' },
      summary:
        'What waits for a decision, or was decided, of all that somebody may decide; of the staff, that of their restaurants',
      query: reviewsQuery,
      data: reviewsShape,
      handle: async (input) => {
        const page = await listReviews(await readingOf(services, identityOf(input)), input.query);
        return { data: longPageToWire(page, (review) => review) };
      },
    }),
    route({
      method: 'get',
      path: '/admin/reviews/:id',
      access: 'reviews:decide',
      summary: 'One of them',
      refusals: ['NOT_FOUND'],
      params: reviewPath,
      data: reviewShape,
      handle: async (input) => ({
        data: await readReview(await readingOf(services, identityOf(input)), input.params.id),
      }),
    }),
  ];
}

function decisionRoute(services: ReviewRoutesServices): Route {
  return route({
    method: 'post',
    path: '/admin/reviews/:id',
    access: 'reviews:decide',
    summary: 'Agree to it, which does it, or refuse it; never what you asked for, edited, or gain by',
    refusals: ['NOT_FOUND', 'CONFLICT', 'MOVED'],
    params: reviewPath,
    body: decisionBody,
    data: reviewShape,
    handle: async (input) => {
      const reading = await readingOf(services, identityOf(input));
      await decide(reading, input.params.id, { actor: actorOf(input), ...input.body });
      return { data: await readReview(reading, input.params.id) };
    },
  });
}

function decisionsRoute(services: ReviewRoutesServices): Route {
  return route({
    method: 'post',
    path: '/admin/reviews/decide',
    access: 'reviews:decide',
    summary: 'Decide several, each on its own: what becomes of one is nothing to the others',
    body: decisionsBody,
    data: decisionsShape,
    handle: async (input) => {
      const reading = await readingOf(services, identityOf(input));
      const { ids, ...decision } = input.body;
      const items = [];
      for (const reviewId of ids) {
        const one = { actor: actorOf(input), ...decision };
        items.push(await resultOf(reviewId, () => decide(reading, reviewId, one)));
      }
      return { data: { items } };
    },
  });
}

/** @returns what it is then. @throws AppError as `ReviewKind.decide`, NOT_FOUND, FORBIDDEN for who has no say of it */
async function decide(
  reading: Reading,
  reviewId: number,
  decision: ReviewDecision,
): Promise<'approved' | 'rejected'> {
  const review = await findReview(reading, reviewId);
  const kind = reading.kinds[review.kind]!;
  if (!reading.reader.can(kind.decides)) throw forbidden('permission');
  await kind.decide(review, decision);
  return decision.decision === 'approve' ? 'approved' : 'rejected';
}

/** @throws AppError what is no refusal of this one: the database is away, say */
async function resultOf(review_id: number, decide: () => Promise<'approved' | 'rejected'>) {
  try {
    return { review_id, code: 'OK', status: await decide() };
  } catch (thrown) {
    const error = asAppError(thrown);
    if (error.status >= 500) throw thrown;
    const { code, details } = error;
    return { review_id, code, status: null, ...(details !== undefined && { details }) };
  }
}
