import type { Clock } from '../clock.ts';
import type { Database, Tx } from '../database/transaction.ts';
import { once } from '../database/idempotency.ts';
import { identityOf, route, type Reply, type Route, type RouteInput } from '../http/route.ts';
import { toWirePoints, toWireTime } from '../shapes.ts';
import { readAccount, readTransactions, type PointsMovement } from './account.ts';
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
    data: accountShape,
    handle: async (input) => {
      const account = await readAccount(database, identityOf(input).userId);
      return {
        data: {
          user_id: account.userId,
          total_points: toWirePoints(account.totalHundredths),
          available_points: toWirePoints(account.availableHundredths),
          frozen_points: toWirePoints(account.frozenHundredths),
          level: account.level,
          experience_points: account.experiencePoints,
          history_total_points: toWirePoints(account.historyTotalHundredths),
        },
      };
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
      const { page, limit, type, start_time: startMs, end_time: endMs } = input.query;
      const filter = { page, limit, type, startMs, endMs };
      const { movements, total } = await readTransactions(database, identityOf(input).userId, filter);
      return { data: { items: movements.map(toWire), page, limit, total } };
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
    body: earnBody,
    data: earnedShape,
    handle: (input) =>
      movedOnce(services, input, async (tx, callerId, nowMs) => {
        const { user_id: userId, amount: amountHundredths, reason, source } = input.body;
        const grant = { granterId: callerId, userId, amountHundredths, reason, source };
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

function toWire(movement: PointsMovement) {
  return {
    transaction_id: movement.transactionId,
    type: movement.type,
    amount: toWirePoints(movement.amountHundredths),
    balance_before: toWirePoints(movement.balanceBeforeHundredths),
    balance_after: toWirePoints(movement.balanceAfterHundredths),
    status: movement.status,
    source: movement.source,
    reason: movement.reason,
    related_id: movement.relatedId,
    created_at: toWireTime(movement.createdAtMs),
  };
}
