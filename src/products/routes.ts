import { longPageToWire } from '../admin/longPage.ts';
import { endOfBusinessDayIn, type Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database/transaction.ts';
import { movedOnce } from '../platform/http/movedOnce.ts';
import { actorOf, route, type Route } from '../platform/http/route.ts';
import { toWirePoints } from '../platform/shapes.ts';
import { exchangePoints } from './exchange.ts';
import {
  exchangeBody,
  exchangedShape,
  managedProductShape,
  managedProductsShape,
  managedQuery,
  productBody,
  productChange,
  productPath,
  productShape,
  productsQuery,
  productsShape,
  stockBody,
} from './messages.ts';
import {
  changeProduct,
  changeStock,
  createProduct,
  listProducts,
  managedView,
  productView,
  readProduct,
} from './products.ts';

export interface ProductServices {
  database: Database;
  clock: Clock;
  businessTimezone: string;
}

export function productRoutes(services: ProductServices): Route[] {
  return [...dinerRoutes(services), listRoute(services), ...managingRoutes(services)];
}

function dinerRoutes(services: ProductServices): Route[] {
  const { database, businessTimezone: timezone } = services;
  return [
    route({
      method: 'get',
      path: '/products',
      access: 'user',
      summary: 'What points can be exchanged for, newest first',
      query: productsQuery,
      data: productsShape,
      handle: async ({ query }) => {
        const page = await listProducts(database, { ...query, status: 'active' });
        return { data: longPageToWire(page, productView) };
      },
    }),
    route({
      method: 'get',
      path: '/products/:id',
      access: 'user',
      summary: 'A product: price and version are what an exchange names',
      refusals: ['NOT_FOUND'],
      params: productPath,
      data: productShape,
      handle: async ({ params }) => {
        const product = await readProduct(database, { productId: params.id, status: 'active' });
        return { data: productView(product) };
      },
    }),
    route({
      method: 'post',
      path: '/products/:id/exchange',
      access: 'user',
      summary: 'Exchange points for pieces of a product, at the price and the version that were read',
      idempotencyKey: 'required',
      refusals: ['NOT_FOUND', 'CONFLICT', 'POINTS_INSUFFICIENT'],
      params: productPath,
      body: exchangeBody,
      data: exchangedShape,
      handle: (input) =>
        movedOnce(services, input, async (tx, userId, nowMs) => {
          const { quantity, version, expected_price: expectedPrice } = input.body;
          const asked = { userId, productId: input.params.id, quantity, version, expectedPrice };
          const endMs = (days: number) => endOfBusinessDayIn(nowMs, { days, timezone });
          const exchanged = await exchangePoints(tx, asked, endMs, nowMs);
          return {
            exchange_id: exchanged.exchangeId,
            product_id: asked.productId,
            quantity,
            points_cost: toWirePoints(exchanged.cost),
            item_ids: exchanged.itemIds,
            transaction_id: exchanged.transactionId,
            balance: toWirePoints(exchanged.balanceHundredths),
          };
        }),
    }),
  ];
}

function listRoute({ database }: ProductServices): Route {
  return route({
    method: 'get',
    path: '/admin/products',
    access: 'products:edit',
    list: { name: 'products' },
    summary: 'Products of all statuses, newest first',
    query: managedQuery,
    data: managedProductsShape,
    handle: async ({ query }) => ({
      data: longPageToWire(await listProducts(database, query), managedView),
    }),
  });
}

function managingRoutes(services: ProductServices): Route[] {
  const { database, clock } = services;
  const one = { path: '/admin/products/:id', access: 'products:edit', params: productPath } as const;
  return [
    route({
      method: 'post',
      path: '/admin/products',
      access: 'products:edit',
      summary: 'Offer something for points',
      idempotencyKey: 'optional',
      creates: true,
      body: productBody,
      data: managedProductShape,
      handle: (input) =>
        movedOnce(services, input, (tx, _callerId, nowMs) =>
          createProduct(tx, { actor: actorOf(input), body: input.body }, nowMs),
        ),
    }),
    route({
      ...one,
      method: 'get',
      summary: 'A product, as PUT takes it',
      refusals: ['NOT_FOUND'],
      data: managedProductShape,
      handle: async ({ params }) => ({
        data: managedView(await readProduct(database, { productId: params.id })),
      }),
    }),
    route({
      ...one,
      method: 'put',
      summary: 'Change what is given of a product; the version that was read is named',
      refusals: ['NOT_FOUND', 'CONFLICT'],
      body: productChange,
      data: managedProductShape,
      handle: async (input) => {
        const edit = { actor: actorOf(input), productId: input.params.id, change: input.body };
        return { data: await database.retryingTransaction((tx) => changeProduct(tx, edit, clock.nowMs())) };
      },
    }),
    route({
      ...one,
      method: 'post',
      path: '/admin/products/:id/stock',
      summary: 'Put pieces in, or take out those that are left',
      idempotencyKey: 'optional',
      refusals: ['NOT_FOUND', 'CONFLICT'],
      body: stockBody,
      data: managedProductShape,
      handle: (input) =>
        movedOnce(services, input, (tx, _callerId, nowMs) => {
          const change = { actor: actorOf(input), productId: input.params.id, ...input.body };
          return changeStock(tx, change, nowMs);
        }),
    }),
  ];
}
