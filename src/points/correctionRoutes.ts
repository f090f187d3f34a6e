/** What only the administration does to somebody's points: freeze them, release or consume what is frozen, take a row back. */
import { recordAction } from '../admin/adminLog.ts';
import type { Tx } from '../platform/database/transaction.ts';
import type { Actor } from '../platform/caller.ts';
import { actorOf, route, type Route } from '../platform/http/route.ts';
import { toWirePoints, toWireTime } from '../platform/shapes.ts';
import { consumeFrozen, freeze, unfreeze, type Moved } from './holds.ts';
import {
  adjustBody,
  earnedShape,
  freezeBody,
  frozenBody,
  frozenShape,
  rollbackBody,
  rolledBackShape,
  transactionPath,
} from './messages.ts';
import { movedOnce } from '../platform/http/movedOnce.ts';
import { endOfDayOf, type PointsServices } from './moneyRoutes.ts';
import { adjust } from './movePoints.ts';
import { reverse, type ReversedSide } from './reversal.ts';
import { reversalPolicyOf } from './settings.ts';
import { earnedToWire } from './wire.ts';

export function correctionRoutes(services: PointsServices): Route[] {
  return [
    freezeRoute(services),
    heldRoute(services, {
      path: '/points/unfreeze',
      summary: 'Release frozen points of a user',
      move: unfreeze,
    }),
    heldRoute(services, {
      path: '/points/consume-frozen',
      summary: 'Consume frozen points of a user',
      move: consumeFrozen,
    }),
    rollbackRoute(services),
    adjustRoute(services),
  ];
}

function freezeRoute(services: PointsServices): Route {
  return route({
    method: 'post',
    path: '/points/freeze',
    access: 'points:freeze',
    summary: 'Freeze points of a user, until they are released or for a time',
    idempotencyKey: 'optional',
    refusals: ['NOT_FOUND', 'POINTS_INSUFFICIENT'],
    body: freezeBody,
    data: frozenShape,
    handle: (input) =>
      movedOnce(services, input, async (tx, _callerId, nowMs) => {
        const { user_id: userId, amount: amountHundredths, reason, expires_at: at } = input.body;
        const expiresAtMs = endOfDayOf(services, at);
        const { holdId, ...moved } = await freeze(
          tx,
          { userId, amountHundredths, reason, expiresAtMs },
          nowMs,
        );
        await record(tx, { actor: actorOf(input), action: 'points.freeze', userId, reason, moved }, nowMs);
        return { ...movedToWire(moved), hold_id: holdId };
      }),
  });
}

interface HeldVerb {
  path: string;
  summary: string;
  move: typeof unfreeze;
}

function heldRoute(services: PointsServices, { path, summary, move }: HeldVerb): Route {
  return route({
    method: 'post',
    path,
    access: 'points:freeze',
    summary,
    idempotencyKey: 'optional',
    refusals: ['NOT_FOUND', 'POINTS_INSUFFICIENT'],
    body: frozenBody,
    data: frozenShape,
    handle: (input) =>
      movedOnce(services, input, async (tx, _callerId, nowMs) => {
        const { user_id: userId, amount: amountHundredths, reason } = input.body;
        const moved = await move(tx, { userId, amountHundredths, reason }, nowMs);
        const action = path.slice(1).replace('/', '.');
        await record(tx, { actor: actorOf(input), action, userId, reason, moved }, nowMs);
        return movedToWire(moved);
      }),
  });
}

function rollbackRoute(services: PointsServices): Route {
  return route({
    method: 'post',
    path: '/points/transactions/:id/rollback',
    access: 'points:rollback',
    summary: 'Take a row of the ledger back, whole or in parts',
    idempotencyKey: 'optional',
    refusals: ['NOT_FOUND', 'CONFLICT', 'POINTS_INSUFFICIENT'],
    params: transactionPath,
    body: rollbackBody,
    data: rolledBackShape,
    handle: (input) =>
      movedOnce(services, input, async (tx, _callerId, nowMs) => {
        const { amount: amountHundredths, reason } = input.body;
        const transactionId = input.params.id;
        const reversing = {
          transactionId,
          amountHundredths,
          reason,
          type: 'rollback',
          source: 'admin',
        } as const;
        const reversed = await reverse(tx, reversing, reversalPolicyOf(services.config), nowMs);
        const { userId, balanceAfterHundredths } = reversed;
        const receiver = reversed.receiver && { receiver: sideToWire(reversed.receiver) };
        await recordAction(
          tx,
          {
            actor: actorOf(input),
            action: 'points.rollback',
            target: { type: 'user', id: userId },
            before: { transaction_id: transactionId },
            after: {
              transaction_id: reversed.transactionId,
              amount: toWirePoints(reversed.amountHundredths),
              available_points: toWirePoints(balanceAfterHundredths),
              reason,
              ...receiver,
            },
          },
          nowMs,
        );
        return {
          transaction_id: reversed.transactionId,
          amount: toWirePoints(reversed.amountHundredths),
          balance: toWirePoints(balanceAfterHundredths),
          debt: toWirePoints(reversed.debtHundredths),
          restored: reversed.restored.map((part) => ({
            amount: toWirePoints(part.amountHundredths),
            expires_at: part.expiresAtMs === null ? null : toWireTime(part.expiresAtMs - 1),
            outcome: part.outcome,
          })),
          on_restore_expired:
            services.config.pointsGraceDays === 0 ? ('expire' as const) : ('grace_days' as const),
          ...receiver,
        };
      }),
  });
}

function adjustRoute(services: PointsServices): Route {
  return route({
    method: 'post',
    path: '/admin/points/adjust',
    access: 'points:adjust',
    summary: 'Give points to a user, or take them away, where nothing else says why',
    idempotencyKey: 'optional',
    refusals: ['NOT_FOUND', 'CONFLICT', 'POINTS_INSUFFICIENT'],
    body: adjustBody,
    data: earnedShape,
    handle: (input) =>
      movedOnce(services, input, async (tx, _callerId, nowMs) => {
        const { user_id: userId, amount: amountHundredths, reason } = input.body;
        const posted = await adjust(tx, { actor: actorOf(input), userId, amountHundredths, reason }, nowMs);
        return earnedToWire(posted);
      }),
  });
}

interface Recorded {
  actor: Actor;
  action: string;
  userId: number;
  reason: string;
  moved: Moved;
}

async function record(
  tx: Tx,
  { actor, action, userId, reason, moved }: Recorded,
  nowMs: number,
): Promise<void> {
  const after = { ...movedToWire(moved), reason };
  await recordAction(tx, { actor, action, target: { type: 'user', id: userId }, before: null, after }, nowMs);
}

function sideToWire(side: ReversedSide) {
  return {
    user_id: side.userId,
    transaction_id: side.transactionId,
    balance: toWirePoints(side.balanceAfterHundredths),
    debt: toWirePoints(side.debtHundredths),
  };
}

function movedToWire({ transactionId, balanceAfterHundredths, frozenAfterHundredths }: Moved) {
  return {
    transaction_id: transactionId,
    balance: toWirePoints(balanceAfterHundredths),
    frozen: toWirePoints(frozenAfterHundredths),
  };
}
