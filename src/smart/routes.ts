import type { Clock } from '../platform/clock.ts';
import { identityOf, route, type Route } from '../platform/http/route.ts';
import { movedOnce } from '../platform/http/movedOnce.ts';
import { toWireTime } from '../platform/shapes.ts';
import { giveGeneralFeedback, giveItemFeedback, HIDDEN_DAYS, undoNotInterested } from './feedback.ts';
import {
  feedbackBody,
  feedbackShape,
  recommendationsQuery,
  recommendationsShape,
  TYPE_OF,
} from './messages.ts';
import { recommend, type Recommended, type RecommendServices } from './serving/recommend.ts';
import { keyOf } from './serving/readyModel.ts';

export interface SmartRoutesServices extends RecommendServices {
  clock: Clock;
}

const DAY_MS = 86_400_000;

export function dinerRoutes(services: SmartRoutesServices): Route[] {
  return [recommendationsRoute(services), feedbackRoute(services)];
}

function recommendationsRoute(services: SmartRoutesServices): Route {
  return route({
    method: 'get',
    path: '/smart/recommendations',
    access: 'user',
    summary: 'What I may like of what I can have now, and why',
    refusals: ['NOT_FOUND'],
    query: recommendationsQuery,
    data: recommendationsShape,
    handle: async (input) => {
      const { kind, limit } = input.query;
      const { userId } = identityOf(input);
      const type = kind === 'all' ? undefined : TYPE_OF[kind];
      return { data: recommendedToWire(await recommend(services, { userId, type, limit })) };
    },
  });
}

export function recommendedToWire({ recommendationId, modelVersion, strategy, items }: Recommended) {
  return {
    recommendation_id: recommendationId,
    model_version: modelVersion,
    strategy,
    items: items.map(({ item, score, reason }, at) => ({
      item_type: item.key.type,
      item_id: item.key.id,
      position: at + 1,
      title: item.title,
      image_url: item.imageUrl,
      price: item.price,
      score: Math.round(score * 1e4) / 1e4,
      reason,
    })),
  };
}

function feedbackRoute(services: SmartRoutesServices): Route {
  return route({
    method: 'post',
    path: '/smart/feedback',
    access: 'user',
    summary: 'Say what I think of something that I was recommended, or of all of it',
    idempotencyKey: 'optional',
    body: feedbackBody,
    data: feedbackShape,
    handle: async (input) => {
      const { body } = input;
      if (body.feedback === 'general')
        return movedOnce(services, input, async (tx, userId, nowMs) => {
          const { satisfaction = null, text = null } = body;
          await giveGeneralFeedback(tx, { userId, satisfaction, text }, nowMs);
          return { feedback: body.feedback, hidden_until: null };
        });
      const { feedback, item_type: type, item_id: id, recommendation_id: recommendationId } = body;
      const { userId } = identityOf(input);
      const of = await placeOf(services, { userId, recommendationId, key: keyOf({ type, id }) });
      return movedOnce(services, input, async (tx, callerId, nowMs) => {
        if (feedback === 'interested_again') await undoNotInterested(tx, { userId: callerId, type, id });
        else await giveItemFeedback(tx, { userId: callerId, kind: feedback, type, id, of }, nowMs);
        const untilMs = nowMs + HIDDEN_DAYS * DAY_MS;
        return { feedback, hidden_until: feedback === 'not_interested' ? toWireTime(untilMs) : null };
      });
    },
  });
}

interface Named {
  userId: number;
  recommendationId: string | undefined;
  key: string;
}

/** Of a list that was theirs, and had it; of any other it is feedback that is of no model. */
async function placeOf({ served }: SmartRoutesServices, { userId, recommendationId, key }: Named) {
  if (recommendationId === undefined) return undefined;
  const row = await served.find(recommendationId, userId);
  const at = row?.items.indexOf(key) ?? -1;
  return at < 0 ? undefined : { recommendationId, modelVersion: row!.model_version, position: at + 1 };
}
