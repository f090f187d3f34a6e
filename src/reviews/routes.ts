/** What waits for somebody to decide it, for those who may. */
import type { AccessControl } from '../identity/access/accessControl.ts';
import { findRestaurants } from '../inventory/restaurantStaff.ts';
import { longPageToWire } from '../admin/longPage.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database/transaction.ts';
import { AppError, asAppError } from '../platform/errors.ts';
import { actorOf, identityOf, route, type Route } from '../platform/http/route.ts';
import type { Caller } from '../platform/caller.ts';
import type { ReviewKinds } from './kinds.ts';
import {
  decisionBody,
  decisionsBody,
  decisionsShape,
  reviewPath,
  reviewShape,
  reviewsQuery,
  reviewsShape,
} from './messages.ts';
import { listReviews, readReview } from './readReviews.ts';
import { decideReview, type ReviewDecision } from './reviews.ts';

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

/** Where somebody has a say; undefined: everywhere. */
async function restaurantsOf(
  { database, access }: ReviewRoutesServices,
  caller: Caller,
): Promise<readonly number[] | undefined> {
  if (access.can(caller, 'reviews:supervise')) return undefined;
  return findRestaurants(database.currentReader, caller.userId);
}

function readingRoutes(services: ReviewRoutesServices): Route[] {
  const { database, reviewKinds } = services;
  return [
    route({
      method: 'get',
      path: '/admin/reviews',
      access: 'reviews:decide',
      list: { name: 'reviews' },
      summary:
        'What waits for a decision, or was decided, newest first; of the staff, that of their restaurants',
      query: reviewsQuery,
      data: reviewsShape,
      handle: async (input) => {
        const restaurants = await restaurantsOf(services, identityOf(input));
        const narrowed = { ...input.query, restaurants };
        const page = await listReviews(database.currentReader, narrowed, reviewKinds);
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
      handle: async (input) => {
        const restaurants = await restaurantsOf(services, identityOf(input));
        const review = await readReview(database.currentReader, input.params.id, reviewKinds);
        if (restaurants !== undefined && !restaurants.includes(review.restaurant_id ?? 0))
          throw new AppError('FORBIDDEN', { details: { reason: 'other_restaurant' } });
        return { data: review };
      },
    }),
  ];
}

function decisionRoute(services: ReviewRoutesServices): Route {
  return route({
    method: 'post',
    path: '/admin/reviews/:id',
    access: 'reviews:decide',
    summary: 'Agree to it, which does it, or refuse it; never what you asked for, edited, or gain by',
    refusals: ['NOT_FOUND', 'CONFLICT'],
    params: reviewPath,
    body: decisionBody,
    data: reviewShape,
    handle: async (input) => {
      const restaurants = await restaurantsOf(services, identityOf(input));
      const decision = { actor: actorOf(input), reviewId: input.params.id, ...input.body, restaurants };
      await decide(services, decision);
      return {
        data: await readReview(services.database.currentReader, input.params.id, services.reviewKinds),
      };
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
      const restaurants = await restaurantsOf(services, identityOf(input));
      const { ids, ...decision } = input.body;
      const items = [];
      for (const reviewId of ids) {
        const one = { actor: actorOf(input), reviewId, ...decision, restaurants };
        items.push(await resultOf(reviewId, () => decide(services, one)));
      }
      return { data: { items } };
    },
  });
}

function decide({ database, clock, reviewKinds }: ReviewRoutesServices, decision: ReviewDecision) {
  return database.retryingTransaction((tx) => decideReview(tx, decision, reviewKinds, clock.nowMs()));
}

/** @throws AppError what is no refusal of this one: the database is away, say */
async function resultOf(review_id: number, decide: () => ReturnType<typeof decideReview>) {
  try {
    const { status } = await decide();
    return { review_id, code: 'OK', status };
  } catch (thrown) {
    const error = asAppError(thrown);
    if (error.status >= 500) throw thrown;
    const { code, details } = error;
    return { review_id, code, status: null, ...(details !== undefined && { details }) };
  }
}
