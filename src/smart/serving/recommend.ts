/** What somebody is recommended now (RS-7, RS-9, RS-10). */
import { randomUUID } from 'node:crypto';
import { readOwnInteractions, type Interaction } from '../../analytics/interactions/readInteractions.ts';
import type { Clock } from '../../platform/clock.ts';
import { readAccount } from '../../points/account.ts';
import { readHidden } from '../feedback.ts';
import type { Models } from '../models.ts';
import type { ItemKey } from '../training/packedModel.ts';
import type { Catalogue, Offered } from './catalogue.ts';
import { permittedAmong, type PermittedServices } from './permitted.ts';
import { rankItems, type Ranked } from './rankItems.ts';
import { reasonOf, titlesOf, type Knowing, type PastDeed, type Reason } from './reasons.ts';
import { keyOf, type ReadyModel } from './readyModel.ts';
import type { Served } from './served.ts';
import { strategyOf, type Strategy } from './strategy.ts';

export interface RecommendServices extends PermittedServices {
  clock: Clock;
  models: Models;
  catalogue: Catalogue;
  served: Served;
}

export interface Recommended {
  recommendationId: string;
  /** 0: without a model. */
  modelVersion: number;
  strategy: Strategy;
  items: { item: Offered; score: number; reason: Reason }[];
}

export interface Asked {
  userId: number;
  /** undefined: of all types. */
  type: ItemKey['type'] | undefined;
  limit: number;
}

/** What somebody did lately says what they like; who has done more is no better known by it. */
const MOST_OWN = 100;
/** Of those that may have to be dropped, so many more are looked at at once. */
const SPARE = 6;

/** As they would be answered, and noted nowhere: for who looks at it, not for whom it is of. */
export async function recommendedTo(
  services: RecommendServices,
  { userId, type, limit }: Asked,
): Promise<Recommended> {
  const { database, clock, models, catalogue } = services;
  const nowMs = clock.nowMs();
  const [offered, own, account, hidden] = await Promise.all([
    catalogue.items(),
    readOwnInteractions(database, userId, MOST_OWN),
    readAccount(database, userId),
    readHidden(database, userId, nowMs),
  ]);
  const model = models.current;
  const available = account.availableHundredths / 100;
  const strategy = strategyOf(own, { manyEntries: model?.manyEntries, nowMs });
  const items = offered.filter(
    ({ key }) => (type === undefined || key.type === type) && !hidden.has(keyOf(key)),
  );
  const isMixed = type === undefined;
  const ranked = rankItems({ userId, items, own, model, strategy, available, limit, isMixed, nowMs });
  const chosen = await firstPermitted(services, { userId, ranked, limit }, nowMs);
  const knowing = { model, own: deedsOf(own, { model, offered }), available, nowMs };
  return {
    recommendationId: randomUUID(),
    modelVersion: model?.version ?? 0,
    strategy,
    items: chosen.map((one) => withReason(one, knowing)),
  };
}

export async function recommend(services: RecommendServices, asked: Asked): Promise<Recommended> {
  const recommended = await recommendedTo(services, asked);
  const { recommendationId, modelVersion, strategy, items } = recommended;
  if (items.length > 0)
    services.served.note({
      recommendation_id: recommendationId,
      user_id: asked.userId,
      model_version: modelVersion,
      strategy,
      items: items.map(({ item }) => keyOf(item.key)),
      items_count: items.length,
      created_at: new Date(services.clock.nowMs()),
    });
  return recommended;
}

interface Choosing {
  userId: number;
  ranked: readonly Ranked[];
  limit: number;
}

/** From the top on until there are as many as are wanted, or none is left. */
async function firstPermitted(
  services: RecommendServices,
  { userId, ranked, limit }: Choosing,
  nowMs: number,
): Promise<Ranked[]> {
  const chosen: Ranked[] = [];
  let at = 0;
  while (chosen.length < limit && at < ranked.length) {
    const part = ranked.slice(at, at + limit - chosen.length + SPARE);
    at += part.length;
    const items = part.map(({ item }) => item);
    const permitted = await permittedAmong(services, { userId, items }, nowMs);
    chosen.push(...part.filter(({ item }) => permitted.has(keyOf(item.key))));
  }
  return chosen.slice(0, limit);
}

function deedsOf(
  own: readonly Interaction[],
  { model, offered }: { model: ReadyModel | undefined; offered: readonly Offered[] },
): PastDeed[] {
  const titles = titlesOf(offered);
  return own.flatMap(({ itemType: type, itemId: id, lastAtMs: atMs }) => {
    const place = model?.placeOf({ type, id });
    return place === undefined ? [] : [{ type, id, place, atMs, title: titles.get(keyOf({ type, id })) }];
  });
}

function withReason({ item, score }: Ranked, knowing: Knowing) {
  return { item, score, reason: reasonOf(item, knowing) };
}
