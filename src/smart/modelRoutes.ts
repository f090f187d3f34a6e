/** Models, for those who run the place. */
import { longPageToWire } from '../admin/longPage.ts';
import { callOf } from '../platform/http/movedOnce.ts';
import { actorOf, route, type Route } from '../platform/http/route.ts';
import { toWireTime } from '../platform/shapes.ts';
import { listFeedback } from './feedback.ts';
import {
  feedbackListShape,
  feedbackQuery,
  modelPath,
  modelShape,
  modelsQuery,
  modelsShape,
  personPath,
  recommendationsQuery,
  recommendationsShape,
  reportShape,
  trainingShape,
  TYPE_OF,
} from './messages.ts';
import { listModels, modelView, readReport, SERVED_DAYS } from './report.ts';
import { recommendedToWire } from './routes.ts';
import { recommendedTo, type RecommendServices } from './serving/recommend.ts';
import { activateModel } from './training/modelBook.ts';
import type { Trainer } from './training/trainer.ts';

export interface ModelRoutesServices extends RecommendServices {
  trainer: Trainer;
}

const DAY_MS = 86_400_000;

export function modelRoutes(services: ModelRoutesServices): Route[] {
  return [...readingRoutes(services), ...changingRoutes(services)];
}

function readingRoutes(services: ModelRoutesServices): Route[] {
  const { database, clock } = services;
  return [
    route({
      method: 'get',
      path: '/smart/models',
      access: 'statistics:read',
      list: { name: 'models' },
      summary: 'The models that recommend, or were to, newest first',
      query: modelsQuery,
      data: modelsShape,
      handle: async ({ query }) => ({
        data: longPageToWire(await listModels(database, query), (model) => model),
      }),
    }),
    route({
      method: 'get',
      path: '/smart/models/:version/report',
      access: 'statistics:read',
      summary: 'How it goes with what a model recommends, by position',
      refusals: ['NOT_FOUND'],
      params: modelPath,
      data: reportShape,
      handle: async ({ params }) => {
        const nowMs = clock.nowMs();
        const report = await readReport(database, params.version);
        return {
          data: {
            ...report,
            zone: services.config.businessTimezone,
            unit: 'item shown' as const,
            from: toWireTime(nowMs - SERVED_DAYS * DAY_MS),
            to: toWireTime(nowMs),
          },
        };
      },
    }),
    route({
      method: 'get',
      path: '/smart/feedback',
      access: 'statistics:read',
      list: { name: 'feedback' },
      summary: 'What people have said of what they were recommended, and of the product, newest first',
      query: feedbackQuery,
      data: feedbackListShape,
      handle: async ({ query }) => ({
        data: longPageToWire(
          await listFeedback(database, query),
          ({ once_key: _key, recommendation_id: _id, created_at, ...row }) => ({
            ...row,
            created_at: created_at.toISOString(),
          }),
        ),
      }),
    }),
    route({
      method: 'get',
      path: '/smart/people/:user_id/recommendations',
      access: 'users:read',
      summary: 'What somebody would be recommended now, and why; it is noted nowhere',
      refusals: ['NOT_FOUND'],
      params: personPath,
      query: recommendationsQuery,
      data: recommendationsShape,
      handle: async ({ params, query: { kind, limit } }) => {
        const type = kind === 'all' ? undefined : TYPE_OF[kind];
        return {
          data: recommendedToWire(await recommendedTo(services, { userId: params.user_id, type, limit })),
        };
      },
    }),
  ];
}

function changingRoutes({ database, clock, models, trainer }: ModelRoutesServices): Route[] {
  return [
    route({
      method: 'post',
      path: '/smart/models',
      access: 'config:edit',
      accepts: true,
      idempotencyKey: 'optional',
      summary: 'Make a model of what people like by now; it serves once it is made, if it is no worse',
      refusals: ['CONFLICT'],
      data: trainingShape,
      handle: async (input) => {
        const { version, replayed } = await trainer.begin(actorOf(input), callOf(input, clock.nowMs()));
        return { data: { version }, replayed };
      },
    }),
    route({
      method: 'post',
      path: '/smart/models/:version/activate',
      access: 'config:edit',
      summary: 'Let this model recommend, on all nodes at once; the one that does is kept to go back to',
      refusals: ['NOT_FOUND', 'CONFLICT'],
      params: modelPath,
      data: modelShape,
      handle: async (input) => {
        const activating = { actor: actorOf(input), version: input.params.version };
        const nowMs = clock.nowMs();
        const model = await database.retryingTransaction((tx) => activateModel(tx, activating, nowMs));
        await models.changed();
        return { data: await modelView(database, model) };
      },
    }),
  ];
}
