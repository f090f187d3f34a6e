/** Bills: paid and refunded at the till, seen by who has paid them (P-9). */
import { recordAction } from '../../admin/adminLog.ts';
import type { PointsBill } from '../../../entities/points/PointsBill.ts';
import { actorOf, identityOf, route, type Route } from '../../platform/http/route.ts';
import { nextOf, toWirePoints } from '../../platform/shapes.ts';
import { movedOnce } from '../../platform/http/movedOnce.ts';
import type { PointsServices } from '../moneyRoutes.ts';
import { billPolicyOf, reversalPolicyOf } from '../settings.ts';
import { billToWire } from '../wire.ts';
import { payBill, readBills } from './bills.ts';
import {
  billPath,
  billsQuery,
  billsShape,
  paidShape,
  payBody,
  refundBody,
  refundShape,
} from './billMessages.ts';
import { refundBill } from './refund.ts';

export function billRoutes(services: PointsServices): Route[] {
  return [payRoute(services), refundRoute(services), billsRoute(services)];
}

function payRoute(services: PointsServices): Route {
  return route({
    method: 'post',
    path: '/points/pay',
    access: 'points:pay',
    summary: 'Give a user the points of a bill; the same bill is answered as at first',
    idempotencyKey: 'required',
    looksAtRestaurant: true,
    refusals: ['NOT_FOUND', 'CONFLICT'],
    body: payBody,
    data: paidShape,
    handle: async (input) => {
      let isKnown = false;
      const { user_id: userId, bill_no: billNo, bill_amount: billAmount } = input.body;
      const { restaurantId = null } = identityOf(input);
      const reply = await movedOnce(services, input, async (tx, payeeId, nowMs) => {
        const payment = { payeeId, restaurantId, userId, billNo, billAmount };
        const paid = await payBill(tx, payment, billPolicyOf(services.config), nowMs);
        const data = paidToWire(paid.bill);
        isKnown = paid.isKnown;
        const target = { type: 'user', id: userId };
        const after = { bill_no: billNo, bill_amount: toWirePoints(billAmount), points: data.points };
        if (!isKnown)
          await recordAction(
            tx,
            { actor: actorOf(input), action: 'points.pay', target, before: null, after },
            nowMs,
          );
        return data;
      });
      return { ...reply, replayed: reply.replayed === true || isKnown };
    },
  });
}

function refundRoute(services: PointsServices): Route {
  return route({
    method: 'post',
    path: '/points/pay/:bill_no/refund',
    access: 'points:pay',
    summary: 'Take back the points of a bill that is returned, whole or in part',
    idempotencyKey: 'optional',
    looksAtRestaurant: true,
    refusals: ['NOT_FOUND', 'CONFLICT', 'POINTS_INSUFFICIENT'],
    params: billPath,
    body: refundBody,
    data: refundShape,
    handle: async (input) => {
      let isKnown = false;
      const { bill_no: billNo } = input.params;
      const { amount } = input.body;
      const { restaurantId = null } = identityOf(input);
      const reply = await movedOnce(services, input, async (tx, payeeId, nowMs) => {
        const refunding = { payeeId, restaurantId, billNo, amount };
        const { refund, bill, ...refunded } = await refundBill(
          tx,
          refunding,
          reversalPolicyOf(services.config),
          nowMs,
        );
        isKnown = refunded.isKnown;
        const data = {
          refunded: toWirePoints(refund.amount),
          points: toWirePoints(refund.points),
          debt: toWirePoints(refund.debt),
          balance: toWirePoints(refund.balance_after),
          transaction_id: refund.transaction_id,
          left: toWirePoints(bill.bill_amount - bill.refunded_amount),
        };
        const target = { type: 'user', id: bill.user_id };
        const after = { bill_no: billNo, refunded: data.refunded, points: data.points };
        if (!isKnown)
          await recordAction(
            tx,
            { actor: actorOf(input), action: 'points.refund', target, before: null, after },
            nowMs,
          );
        return data;
      });
      return { ...reply, replayed: reply.replayed === true || isKnown };
    },
  });
}

function billsRoute({ database }: PointsServices): Route {
  return route({
    method: 'get',
    path: '/points/bills',
    access: 'user',
    summary: 'My bills, newest first, and why each earned what it did',
    query: billsQuery,
    data: billsShape,
    handle: async (input) => {
      const { items, ...page } = await readBills(
        database.currentReader,
        identityOf(input).userId,
        input.query,
      );
      const next = nextOf(items, page.limit, ({ bill_id }) => bill_id);
      return { data: { items: items.map(billToWire), ...page, next } };
    },
  });
}

function paidToWire({ points, balance_after, transaction_id, activates_at }: PointsBill) {
  return {
    points: toWirePoints(points),
    balance: toWirePoints(balance_after),
    transaction_id,
    activates_at: activates_at?.toISOString() ?? null,
  };
}
