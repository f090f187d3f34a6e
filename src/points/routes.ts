import type { Clock } from '../platform/clock.ts';
import type { Database, Tx } from '../platform/database/transaction.ts';
import { once } from '../platform/database/idempotency.ts';
import {
  actorOf,
  identityOf,
  route,
  type Reply,
  type Route,
  type RouteInput,
} from '../platform/http/route.ts';
import { nextOf, toWirePoints } from '../platform/shapes.ts';
import { readAccount, readTransactions } from './account.ts';
import {
  accountShape,
  consumeBody,
  consumedShape,
  earnBody,
  earnedShape,
  transactionsQuery,
  transactionsShape,
} from './messages.ts';
import { consume, earn } from './movePoints.ts';
import { accountToWire, movementToWire } from './wire.ts';

export interface PointsServices {
  database: Database;
  clock: Clock;
}

export function pointsRoutes(services: PointsServices): Route[] {
  return [accountRoute(services), transactionsRoute(services), earnRoute(services), consumeRoute(services)];
}

function accountRoute({ database }: PointsServices): Route {
  return route({
    method: 'get',
    path: '/points/account',
    access: 'user',
    summary: 'My points account',
    refusals: ['NOT_FOUND'],
    data: accountShape,
    handle: async (input) => {
      const account = await readAccount(database, identityOf(input).userId);
      return { data: accountToWire(account) };
    },
  });
}

function transactionsRoute({ database }: PointsServices): Route {
  return route({
    method: 'get',
    path: '/points/transactions',
    access: 'user',
    summary: 'My points transactions, newest first',
    query: transactionsQuery,
    data: transactionsShape,
    handle: async (input) => {
      const { page, limit, before, type, start_time: startMs, end_time: endMs } = input.query;
      const filter = { page, limit, before, type, startMs, endMs };
      const { items, ...shown } = await readTransactions(database, identityOf(input).userId, filter);
      const next = nextOf(items, limit, ({ transactionId }) => transactionId);
      return { data: { items: items.map(movementToWire), ...shown, next } };
    },
  });
}

function earnRoute(services: PointsServices): Route {
  return route({
    method: 'post',
    path: '/points/earn',
    access: 'points:grant',
    summary: 'Grant points to a user',
    idempotencyKey: 'required',
    refusals: ['NOT_FOUND', 'CONFLICT'],
    body: earnBody,
    data: earnedShape,
    handle: (input) =>
      movedOnce(services, input, async (tx, _callerId, nowMs) => {
        const { user_id: userId, amount: amountHundredths, reason, source } = input.body;
        const grant = { granter: actorOf(input), userId, amountHundredths, reason, source };
        const posted = await earn(tx, grant, nowMs);
        const balance = toWirePoints(posted.balanceAfterHundredths);
        return { transaction_id: posted.transactionId, user_id: userId, balance };
      }),
  });
}

function consumeRoute(services: PointsServices): Route {
  return route({
    method: 'post',
    path: '/points/consume',
    access: 'user',
    summary: 'Spend my own points',
    idempotencyKey: 'required',
    refusals: ['NOT_FOUND', 'POINTS_INSUFFICIENT'],
    body: consumeBody,
    data: consumedShape,
    handle: (input) =>
      movedOnce(services, input, async (tx, userId, nowMs) => {
        const { amount: amountHundredths, reason, related_id: relatedId = null } = input.body;
        const posted = await consume(tx, { userId, amountHundredths, reason, relatedId }, nowMs);
        return { transaction_id: posted.transactionId, balance: toWirePoints(posted.balanceAfterHundredths) };
      }),
  });
}

/** Runs a movement once per Idempotency-Key of the caller (PTS-4). The HTTP layer has checked that the key is there. */
async function movedOnce<Data>(
  { database, clock }: PointsServices,
  input: RouteInput<unknown, unknown, unknown>,
  move: (tx: Tx, callerId: number, nowMs: number) => Promise<Data>,
): Promise<Reply<Data>> {
  const { userId } = identityOf(input);
  const key = input.request.get('Idempotency-Key')!;
  const nowMs = clock.nowMs();
  const { method, path } = input.request;
  const call = { userId, key, request: { method, path, body: input.body }, nowMs };
  const { result, replayed } = await once(database, call, (tx) => move(tx, userId, nowMs));
  return { data: result, replayed };
}
