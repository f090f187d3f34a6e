import { z } from 'zod';
import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { identityOf, route, type Route } from '../platform/http/route.ts';
import {
  booleanText,
  idShape,
  idText,
  integerText,
  pageOf,
  pageQuery,
  pageWithNextOf,
  requestIdShape,
  rowIdText,
} from '../platform/shapes.ts';
import { LIMITS } from '../platform/limits.ts';
import { bindKey } from './bindKey.ts';
import { dinerRoutes } from './dinerRoutes.ts';
import { drawsRoutes } from './drawsRoutes.ts';
import { findCampaign, listCampaigns, listDrawnPrizes, readCampaign } from './campaigns.ts';
import { FairnessExports } from './fairnessExport.ts';
import { PublishedFairness, readProof } from './fairnessLog.ts';
import { drawPlace, drawPlaceText } from './drawPlace.ts';
import { listDraws } from './history.ts';
import { drawReplyShape, drawShape } from './messages.ts';
import { dinerOf, type CampaignOwners } from './ownerCalls.ts';
import type { Visitors } from './statistics/visitors.ts';
import { PublishedEngines } from './publishedEngines.ts';
import {
  campaignDetailShape,
  campaignSummaryShape,
  drawnRecordShape,
  fairnessExportShape,
  fairnessLogShape,
  fairnessShape,
  prizeViewShape,
  proofShape,
  statusShape,
} from './views.ts';

export interface LotteryRoutesServices {
  database: Database;
  clock: Clock;
  owners: Pick<CampaignOwners, 'draw'>;
  seedKey: Buffer;
  /** Who has opened which campaign; absent: nobody asks for it. */
  visitors?: Pick<Visitors, 'note'>;
}

const campaignPath = z.strictObject({ id: idText });

export function lotteryRoutes(services: LotteryRoutesServices): Route[] {
  return [
    ...diningRoutes(services),
    ...fairnessRoutes(services),
    ...dinerRoutes(services),
    ...drawsRoutes(services),
  ];
}

function diningRoutes(services: LotteryRoutesServices): Route[] {
  const { database, clock, owners } = services;
  const reading = { database, clock, engines: new PublishedEngines(database) };
  return [
    route({
      method: 'get',
      path: '/lottery/campaigns',
      access: 'user',
      summary: 'Campaigns, newest first',
      query: z.strictObject({ status: statusShape.optional(), ...pageQuery }),
      data: pageOf(campaignSummaryShape),
      handle: async ({ query: { status, page, limit } }) => ({
        data: await listCampaigns(database, { status, page, limit }),
      }),
    }),
    route({
      method: 'get',
      path: '/lottery/campaigns/:id',
      access: 'user',
      summary: 'One campaign with its prizes, statistics and my record',
      refusals: ['NOT_FOUND'],
      params: campaignPath,
      data: campaignDetailShape,
      handle: async (input) => {
        const { userId } = identityOf(input);
        const data = await readCampaign(reading, input.params.id, userId);
        services.visitors?.note(data.campaign_id, userId);
        return { data };
      },
    }),
    route({
      method: 'get',
      path: '/lottery/prizes',
      access: 'user',
      summary: "A campaign's prizes",
      refusals: ['NOT_FOUND'],
      query: z.strictObject({
        campaign_id: idText,
        include_probability: booleanText.default(false),
      }),
      data: z.object({ items: z.array(prizeViewShape) }),
      handle: async ({ query }) => {
        const campaign = await findCampaign(database, query.campaign_id);
        const prizes = await listDrawnPrizes(reading, campaign);
        if (query.include_probability) return { data: { items: prizes } };
        return { data: { items: prizes.map(({ probability: _, ...prize }) => prize) } };
      },
    }),
    route({
      method: 'post',
      path: '/lottery/draw',
      access: 'user',
      summary: 'Draw 1 to 10 times through the campaign room',
      idempotencyKey: 'optional',
      refusals: [
        'IDEMPOTENCY_KEY_REQUIRED',
        'NOT_FOUND',
        'CONFLICT',
        'POINTS_INSUFFICIENT',
        'CAMPAIGN_NOT_ACTIVE',
        'NOT_ELIGIBLE',
        'DRAW_LIMIT_REACHED',
        'MOVED',
      ],
      body: drawShape.extend({ campaign_id: idShape, request_id: requestIdShape.optional() }),
      data: drawReplyShape,
      handle: async (input) => {
        const { campaign_id: campaignId, ...message } = input.body;
        const identity = identityOf(input);
        const key = input.request.get('Idempotency-Key');
        const requestId = message.request_id ?? key;
        if (requestId === undefined) throw new AppError('IDEMPOTENCY_KEY_REQUIRED');
        const draw = { ...message, request_id: requestId };
        if (key !== undefined) await bindKey(services, { userId: identity.userId, key, campaignId, draw });
        const data = await owners.draw(campaignId, { diner: dinerOf(identity), message: draw });
        return { data, replayed: data.replayed };
      },
    }),
    route({
      method: 'get',
      path: '/lottery/history',
      access: 'user',
      summary: 'My draws, newest first',
      query: z.strictObject({ campaign_id: idText.optional(), ...pageQuery, before: drawPlace.optional() }),
      data: pageWithNextOf(drawnRecordShape),
      handle: async (input) => {
        const { campaign_id: campaignId, ...query } = input.query;
        const { userId } = identityOf(input);
        const { last, ...page } = await listDraws(database, { userId, campaignId, ...query });
        return { data: { ...page, next: last === undefined ? null : drawPlaceText(last) } };
      },
    }),
  ];
}

const placeText = integerText({ min: 0, max: 999_999_999_999_999 }).default(0);

/** Seconds for which a page of the log that is full may be kept without asking again. */
const FINAL_FOR_SECONDS = 3600;

function fairnessRoutes({ database, seedKey }: LotteryRoutesServices): Route[] {
  const fairness = new PublishedFairness(database, seedKey);
  const exports = new FairnessExports({ database, seedKey, kept: fairness });
  return [
    route({
      method: 'get',
      path: '/lottery/campaigns/:id/fairness',
      access: 'public',
      summary: 'Commitments and revealed seeds',
      refusals: ['NOT_FOUND'],
      isKept: true,
      params: campaignPath,
      query: z.strictObject({
        after_epoch: placeText,
        limit: integerText({ min: 1, max: LIMITS.fairnessEpochs }).default(LIMITS.fairnessEpochs),
      }),
      data: fairnessShape,
      handle: async ({ params, query: { after_epoch: afterEpoch, limit } }) =>
        fairness.fairness(params.id, { afterEpoch, limit }),
    }),
    route({
      method: 'get',
      path: '/lottery/campaigns/:id/fairness-log',
      access: 'public',
      summary: 'The hash chain of seeds, configurations, stock changes and draws, in order',
      refusals: ['NOT_FOUND'],
      isKept: true,
      params: campaignPath,
      query: z.strictObject({
        after: placeText,
        limit: integerText({ min: 1, max: LIMITS.fairnessLogPage }).default(100),
      }),
      data: fairnessLogShape,
      handle: async ({ params, query }) => {
        const { isFinal, ...reply } = await fairness.log(params.id, query);
        return isFinal ? { ...reply, maxAgeSeconds: FINAL_FOR_SECONDS } : reply;
      },
    }),
    route({
      method: 'get',
      path: '/lottery/campaigns/:id/fairness-export',
      access: 'public',
      summary: 'All of it in one file, to be checked anywhere',
      refusals: ['NOT_FOUND'],
      isFile: true,
      params: campaignPath,
      data: fairnessExportShape,
      handle: async ({ params: { id }, ip }) => ({
        name: `kaijiang-campaign-${id}.json`,
        made: exports.make(id, ip),
      }),
    }),
    route({
      method: 'get',
      path: '/lottery/draws/:id/proof',
      access: 'public',
      summary: 'All that one draw can be checked with',
      refusals: ['NOT_FOUND'],
      params: z.strictObject({ id: rowIdText }),
      data: proofShape,
      handle: async ({ params }) => ({ data: await readProof(database, params.id, seedKey) }),
    }),
  ];
}
