/** Giving points to somebody, and deciding what waits for a review. */
import { PointsTransfer } from '../../../entities/points/PointsTransfer.ts';
import { longPageToWire } from '../../admin/longPage.ts';
import { listNumbered, type NumberedTable } from '../../platform/database/numberedList.ts';
import { AppError } from '../../platform/errors.ts';
import { actorOf, route, type Route } from '../../platform/http/route.ts';
import { toWirePoints } from '../../platform/shapes.ts';
import { movedOnce } from '../../platform/http/movedOnce.ts';
import type { PointsServices } from '../moneyRoutes.ts';
import { transferPolicyOf } from '../settings.ts';
import {
  approveBody,
  decidedShape,
  rejectBody,
  transferBody,
  transferPath,
  transferredShape,
  transferToWire,
  transfersQuery,
  transfersShape,
} from './messages.ts';
import { approve, reject, type Decided } from './review.ts';
import { transfer } from './transfer.ts';

export function transferRoutes(services: PointsServices): Route[] {
  return [giveRoute(services), transfersRoute(services), approveRoute(services), rejectRoute(services)];
}

function giveRoute(services: PointsServices): Route {
  return route({
    method: 'post',
    path: '/points/transfer',
    access: 'user',
    summary: 'Give points of my own to somebody; many are frozen until they are reviewed',
    idempotencyKey: 'required',
    refusals: ['NOT_FOUND', 'CONFLICT', 'POINTS_INSUFFICIENT'],
    body: transferBody,
    data: transferredShape,
    handle: (input) => {
      // One version, however often the transaction is tried.
      const policy = transferPolicyOf(services.configuration.now());
      return movedOnce(services, input, async (tx, fromUserId, nowMs) => {
        const { to_user_id: toUserId, amount: amountHundredths, message: written = null } = input.body;
        if (toUserId === fromUserId)
          throw new AppError('VALIDATION_FAILED', {
            details: [{ path: 'to_user_id', message: 'is you' }],
          });
        const message = written === null ? null : services.words.mask(written, 'message');
        const posted = await transfer(tx, { fromUserId, toUserId, amountHundredths, message }, policy, nowMs);
        return {
          transaction_id: posted.transactionId,
          balance: toWirePoints(posted.balanceAfterHundredths),
          status: posted.status,
        };
      });
    },
  });
}

const TRANSFERS: NumberedTable<PointsTransfer> = {
  entity: PointsTransfer,
  key: 'transfer_id',
  indexed: ['status'],
};

function transfersRoute({ database }: PointsServices): Route {
  return route({
    method: 'get',
    path: '/admin/points/transfers',
    access: 'points:review',
    list: { name: 'transfers' },
    summary: 'Transfers of points, newest first, as those that wait for a review',
    query: transfersQuery,
    data: transfersShape,
    handle: async ({ query: { status, ...query } }) => {
      // Of the primary: who has just decided one does not find it here again.
      const page = await listNumbered(database.currentReader, TRANSFERS, { status }, query);
      return { data: longPageToWire(page, transferToWire) };
    },
  });
}

function approveRoute(services: PointsServices): Route {
  return route({
    method: 'post',
    path: '/admin/points/transfers/:id/approve',
    access: 'points:review',
    summary: 'Let a transfer go that waits for a review; not of those whom it is about',
    idempotencyKey: 'optional',
    refusals: ['NOT_FOUND', 'CONFLICT'],
    params: transferPath,
    body: approveBody,
    data: decidedShape,
    handle: (input) =>
      movedOnce(services, input, async (tx, _callerId, nowMs) => {
        const decision = { actor: actorOf(input), transferId: input.params.id };
        return decidedToWire(await approve(tx, decision, nowMs));
      }),
  });
}

function rejectRoute(services: PointsServices): Route {
  return route({
    method: 'post',
    path: '/admin/points/transfers/:id/reject',
    access: 'points:review',
    summary: 'Give what waits for a review back to its sender; not of those whom it is about',
    idempotencyKey: 'optional',
    refusals: ['NOT_FOUND', 'CONFLICT'],
    params: transferPath,
    body: rejectBody,
    data: decidedShape,
    handle: (input) =>
      movedOnce(services, input, async (tx, _callerId, nowMs) => {
        const { reason } = input.body;
        const decision = { actor: actorOf(input), transferId: input.params.id, reason };
        return decidedToWire(await reject(tx, decision, nowMs));
      }),
  });
}

function decidedToWire({ transfer: row, transactionId }: Decided) {
  return { ...transferToWire(row), transaction_id: transactionId };
}
