/** Bills that I say I have paid. */
import type { LiveConfiguration } from '../../configuration/liveConfiguration.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database/transaction.ts';
import { movedOnce } from '../../platform/http/movedOnce.ts';
import { identityOf, route, type Route } from '../../platform/http/route.ts';
import { nextOf } from '../../platform/shapes.ts';
import { termsOf } from '../overdue.ts';
import { claimSpend, findClaims, readClaims } from './claims.ts';
import { claimBody, claimShape, claimsQuery, claimsShape, claimToWire } from './messages.ts';

export interface ClaimRoutesServices {
  database: Database;
  clock: Clock;
  config: { businessTimezone: string };
  configuration: Pick<LiveConfiguration, 'now'>;
}

export function claimRoutes(services: ClaimRoutesServices): Route[] {
  const { database } = services;
  return [
    route({
      method: 'post',
      path: '/spend-claims',
      access: 'user',
      summary: 'Ask for the points of a bill that I have paid, which somebody looks at first',
      creates: true,
      idempotencyKey: 'optional',
      refusals: ['NOT_FOUND', 'CONFLICT'],
      body: claimBody,
      data: claimShape,
      handle: (input) => {
        const { restaurant_id, bill_no, amount, paid_at, image_id } = input.body;
        const claim = {
          ...{ restaurantId: restaurant_id, billNo: bill_no, amount },
          ...{ paidAtMs: Date.parse(paid_at), imageId: image_id ?? null },
        };
        const terms = termsOf(services);
        return movedOnce(services, input, async (tx, userId, nowMs) => {
          const { claimId } = await claimSpend(tx, { userId, ...claim }, terms, nowMs);
          return claimToWire((await findClaims(tx.manager, [claimId]))[0]!);
        });
      },
    }),
    route({
      method: 'get',
      path: '/spend-claims',
      access: 'user',
      summary: 'Those that I have asked for, newest first, and what has become of them',
      query: claimsQuery,
      data: claimsShape,
      handle: async (input) => {
        const { limit } = input.query;
        const read = await readClaims(database.currentReader, identityOf(input).userId, input.query);
        const next = nextOf(read, limit, ({ claim }) => claim.claim_id);
        return { data: { items: read.map(claimToWire), next } };
      },
    }),
  ];
}
