import { actorOf, identityOf, route, type Route } from '../platform/http/route.ts';
import { nextOf, toWirePoints, toWireTime } from '../platform/shapes.ts';
import { readAccount, readTransactions } from './account.ts';
import { readEndings } from './expiry.ts';
import {
  consumeBody,
  consumedShape,
  earnBody,
  earnedShape,
  expiringQuery,
  expiringShape,
  ownAccountShape,
  transactionsQuery,
  transactionsShape,
} from './messages.ts';
import { checkInRoutes } from './checkIn/checkInRoutes.ts';
import { tasksRoutes } from './tasks/tasksRoutes.ts';
import { billRoutes } from './bills/billRoutes.ts';
import { readPending } from './bills/bills.ts';
import { correctionRoutes } from './correctionRoutes.ts';
import { holidayRoutes } from './holidays/holidayRoutes.ts';
import { consume, earn } from './movePoints.ts';
import { ledgerRoutes } from './ledgerRoutes.ts';
import { movedOnce } from '../platform/http/movedOnce.ts';
import { endOfDayOf, type PointsServices } from './moneyRoutes.ts';
import { rulesRoutes } from './rules/rulesRoutes.ts';
import { grantPolicyOf, lifetimeEnd } from './settings.ts';
import { statisticsRoutes } from './statistics/statisticsRoutes.ts';
import { transferRoutes } from './transfers/transferRoutes.ts';
import { earnedToWire, movementToWire, ownAccountToWire } from './wire.ts';

const DAY_MS = 24 * 3_600_000;

export function pointsRoutes(services: PointsServices): Route[] {
  return [
    accountRoute(services),
    transactionsRoute(services),
    expiringRoute(services),
    earnRoute(services),
    consumeRoute(services),
    ...ledgerRoutes(services),
    ...transferRoutes(services),
    ...correctionRoutes(services),
    ...holidayRoutes(services),
    ...statisticsRoutes(services),
    ...rulesRoutes(services),
    ...billRoutes(services),
    ...checkInRoutes(services),
    ...tasksRoutes(services),
  ];
}

function accountRoute({ database }: PointsServices): Route {
  return route({
    method: 'get',
    path: '/points/account',
    access: 'user',
    summary: 'My points account',
    refusals: ['NOT_FOUND'],
    data: ownAccountShape,
    handle: async (input) => {
      const { userId } = identityOf(input);
      const [account, pending] = await Promise.all([
        readAccount(database, userId),
        readPending(database.currentReader, userId),
      ]);
      return { data: ownAccountToWire(account, pending) };
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

function expiringRoute({ database, clock }: PointsServices): Route {
  return route({
    method: 'get',
    path: '/points/expiring',
    access: 'user',
    summary: 'What of my available points ends within so many days',
    refusals: ['NOT_FOUND'],
    query: expiringQuery,
    data: expiringShape,
    handle: async (input) => {
      const nowMs = clock.nowMs();
      const untilMs = nowMs + input.query.days * DAY_MS;
      const endings = await readEndings(database, identityOf(input).userId, { nowMs, untilMs });
      const items = endings.map(({ lastMs, amountHundredths }) => ({
        expires_at: toWireTime(lastMs),
        amount: toWirePoints(amountHundredths),
      }));
      return { data: { items } };
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
        const { user_id: userId, amount: amountHundredths, reason, source, expires_at: at } = input.body;
        // It may have ended already: then it does so as soon as it is there.
        const expiresAtMs = at === undefined ? lifetimeEnd(services.config, nowMs) : endOfDayOf(services, at);
        const grant = { granter: actorOf(input), userId, amountHundredths, reason, source, expiresAtMs };
        return earnedToWire(await earn(tx, grantPolicyOf(services.config), grant, nowMs));
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
