/** What people offer each other for points. */
import { TradeRecord } from '../../entities/trades/TradeRecord.ts';
import { longPageToWire } from '../admin/longPage.ts';
import type { ItemCodes } from '../inventory/codes.ts';
import type { Clock } from '../platform/clock.ts';
import { listNumbered } from '../platform/database/numberedList.ts';
import type { Database } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { movedOnce } from '../platform/http/movedOnce.ts';
import { actorOf, identityOf, route, type Route } from '../platform/http/route.ts';
import { cancelTrade, decideDispute, disputeTrade } from './endTrade.ts';
import { listManagedTrades, readManagedTrade, TRADES } from './managedTrades.ts';
import {
  buyBody,
  decisionBody,
  disputeBody,
  managedTradeShape,
  managedTradesQuery,
  offerBody,
  shownTradeShape,
  shownTradesShape,
  termsShape,
  tradePath,
  tradeShape,
  tradesQuery,
  tradesShape,
} from './messages.ts';
import { buyOffer, offerItem } from './offers.ts';
import { askToSettle } from './reviews.ts';
import { tradePolicyOf, type TradeConfig } from './settings.ts';
import { managedTradeView, shownTradeView, termsToWire, tradeView, tradeViews } from './wire.ts';

export interface TradeServices {
  database: Database;
  clock: Clock;
  config: TradeConfig;
  itemCodes: ItemCodes;
}

export function tradeRoutes(services: TradeServices): Route[] {
  return [
    ...readingRoutes(services),
    ...offeringRoutes(services),
    ...endingRoutes(services),
    ...decidingRoutes(services),
  ];
}

function readingRoutes({ database, config }: TradeServices): Route[] {
  return [
    route({
      method: 'get',
      path: '/trades/terms',
      access: 'user',
      summary: 'What a trade costs, and what time it has',
      data: termsShape,
      handle: () => Promise.resolve({ data: termsToWire(tradePolicyOf(config)) }),
    }),
    route({
      method: 'get',
      path: '/trades',
      access: 'user',
      summary: 'What is offered for points, or my own trades, newest first',
      query: tradesQuery,
      data: tradesShape,
      handle: async (input) => {
        const { role, status, product_id, ...query } = input.query;
        const { userId } = identityOf(input);
        if (role === undefined && status !== undefined && status !== 'open')
          throw new AppError('VALIDATION_FAILED', {
            details: [{ path: 'status', message: 'is of my own trades: role says which' }],
          });
        const whose = role === undefined ? { status: 'open' as const } : { [`${role}_id`]: userId, status };
        const asked = { ...whose, product_id };
        const page = await listNumbered(database.currentReader, TRADES, asked, query);
        const items = await tradeViews(database.currentReader, page.items, userId);
        return { data: longPageToWire({ ...page, items }, (trade) => trade) };
      },
    }),
    route({
      method: 'get',
      path: '/trades/:id',
      access: 'user',
      summary: 'A trade: price and version are what a buyer names',
      refusals: ['NOT_FOUND'],
      params: tradePath,
      data: tradeShape,
      handle: async (input) => {
        const { currentReader } = database;
        const trade = await currentReader.findOneBy(TradeRecord, { trade_id: input.params.id });
        if (trade === null) throw new AppError('NOT_FOUND');
        return { data: await tradeView(currentReader, trade, identityOf(input).userId) };
      },
    }),
  ];
}

function offeringRoutes(services: TradeServices): Route[] {
  const policy = () => tradePolicyOf(services.config);
  return [
    route({
      method: 'post',
      path: '/trades',
      access: 'user',
      summary: 'Offer something that I exchanged points for; it is locked until the trade is over',
      idempotencyKey: 'optional',
      creates: true,
      refusals: ['NOT_FOUND', 'CONFLICT'],
      body: offerBody,
      data: tradeShape,
      handle: (input) =>
        movedOnce(services, input, async (tx, sellerId, nowMs) => {
          const { item_id: itemId, price } = input.body;
          const offer = await offerItem(tx, { sellerId, itemId, price }, policy(), nowMs);
          return tradeView(tx.manager, offer, sellerId);
        }),
    }),
    route({
      method: 'post',
      path: '/trades/:id/buy',
      access: 'user',
      summary:
        'Take an offer at the price and the version that were read: the points are frozen until it is settled',
      idempotencyKey: 'required',
      refusals: ['NOT_FOUND', 'CONFLICT', 'POINTS_INSUFFICIENT'],
      params: tradePath,
      body: buyBody,
      data: tradeShape,
      handle: (input) =>
        movedOnce(services, input, async (tx, buyerId, nowMs) => {
          const { expected_price: expectedPrice, version } = input.body;
          const purchase = { buyerId, tradeId: input.params.id, expectedPrice, version };
          return tradeView(tx.manager, await buyOffer(tx, purchase, policy(), nowMs), buyerId);
        }),
    }),
  ];
}

function endingRoutes(services: TradeServices): Route[] {
  const { itemCodes } = services;
  const shared = {
    method: 'post',
    access: 'user',
    idempotencyKey: 'optional',
    refusals: ['NOT_FOUND', 'CONFLICT'],
    params: tradePath,
    data: tradeShape,
  } as const;
  return [
    route({
      ...shared,
      path: '/trades/:id/settle',
      summary:
        'Have what I bought: the seller gets the points without the fee. Of many points somebody else agrees first',
      mayWait: true,
      handle: async (input) => {
        const { reviewHundredths } = tradePolicyOf(services.config);
        const settling = { actor: actorOf(input), tradeId: input.params.id, reviewHundredths };
        const { data, replayed = false } = await movedOnce(services, input, async (tx, buyerId, nowMs) => {
          const settled = await askToSettle(tx, itemCodes, settling, nowMs);
          return 'waits' in settled ? settled : tradeView(tx.manager, settled.trade, buyerId);
        });
        if (!('waits' in data)) return { data, replayed };
        const { approvalId, changeHash } = data.waits;
        return { waits: { approval_id: approvalId, change_hash: changeHash } };
      },
    }),
    route({
      ...shared,
      path: '/trades/:id/cancel',
      summary: 'Take back what I offer; whoever has bought it has their points again',
      handle: (input) =>
        movedOnce(services, input, async (tx, sellerId, nowMs) => {
          const cancelled = await cancelTrade(tx, { sellerId, tradeId: input.params.id }, nowMs);
          return tradeView(tx.manager, cancelled, sellerId);
        }),
    }),
    route({
      ...shared,
      path: '/trades/:id/dispute',
      summary: 'Say that something is wrong with a trade of mine: nothing moves until somebody has decided',
      body: disputeBody,
      handle: (input) =>
        movedOnce(services, input, async (tx, userId, nowMs) => {
          const said = { userId, tradeId: input.params.id, reason: input.body.reason };
          return tradeView(tx.manager, await disputeTrade(tx, said, nowMs), userId);
        }),
    }),
  ];
}

function decidingRoutes(services: TradeServices): Route[] {
  const { database, itemCodes } = services;
  return [
    route({
      method: 'get',
      path: '/admin/trades',
      access: 'trades:decide',
      list: { name: 'trades' },
      summary: 'Trades of all statuses, newest first, as those that are disputed',
      query: managedTradesQuery,
      data: shownTradesShape,
      handle: async ({ query }) => ({
        data: longPageToWire(await listManagedTrades(database, query), shownTradeView),
      }),
    }),
    route({
      method: 'get',
      path: '/admin/trades/:id',
      access: 'trades:decide',
      summary: 'A trade, for who decides about it',
      refusals: ['NOT_FOUND'],
      params: tradePath,
      data: shownTradeShape,
      handle: async ({ params }) => ({ data: shownTradeView(await readManagedTrade(database, params.id)) }),
    }),
    route({
      method: 'post',
      path: '/admin/trades/:id/decide',
      access: 'trades:decide',
      summary: 'Decide a dispute: settle it, or give both back what they had; never one of my own',
      idempotencyKey: 'optional',
      refusals: ['NOT_FOUND', 'CONFLICT'],
      params: tradePath,
      body: decisionBody,
      data: managedTradeShape,
      handle: (input) =>
        movedOnce(services, input, async (tx, _callerId, nowMs) => {
          const decision = { ...input.body, actor: actorOf(input), tradeId: input.params.id };
          return managedTradeView(await decideDispute(tx, itemCodes, decision, nowMs));
        }),
    }),
  ];
}
