/** The order in which things are offered to somebody: what is likely for them, what is new in the places kept for it. Pure. */
import { createHash } from 'node:crypto';
import type { Interaction } from '../../analytics/interactions/readInteractions.ts';
import { NEW_ITEM } from '../recommend/popularity.ts';
import type { Offered } from './catalogue.ts';
import { keyOf, type ReadyModel } from './readyModel.ts';
import { NEW_MS } from './reasons.ts';
import { boostOf, newPlacesOf, type Strategy } from './strategy.ts';

export interface Ranking {
  userId: number;
  items: readonly Offered[];
  own: readonly Interaction[];
  model: ReadyModel | undefined;
  strategy: Strategy;
  available: number;
  limit: number;
  /** Of one type no more than half, where there are others. */
  isMixed: boolean;
  nowMs: number;
}

export interface Ranked {
  item: Offered;
  score: number;
}

/** How often somebody is shown another one of what is new. */
const TURN_MS = 3_600_000;

/** All of them, the best first. What somebody has had already comes last: a list is to be full. */
export function rankItems(ranking: Ranking): Ranked[] {
  const scored = scoredOf(ranking);
  const { own, limit, strategy, isMixed } = ranking;
  const had = new Set(own.map(({ itemType: type, itemId: id }) => keyOf({ type, id })));
  // What earns points is done again and again.
  const isKnown = ({ item }: Ranked) => item.taste.type !== 'way' && had.has(keyOf(item.taste));
  const fresh = scored.filter((one) => !isKnown(one));
  const first = isMixed ? mixed(fresh, limit) : fresh;
  const list = withNew(first, ranking, newPlacesOf(limit, strategy));
  return [...list, ...scored.filter(isKnown)];
}

function scoredOf({ items, own, model, strategy, available, nowMs }: Ranking): Ranked[] {
  const taken = own.flatMap(({ itemType: type, itemId: id, lastAtMs: atMs }) => {
    const item = model?.placeOf({ type, id });
    return item === undefined ? [] : [{ item, atMs }];
  });
  const byTaste = new Map(items.map((item) => [keyOf(item.taste), item]));
  const known = own.flatMap(({ itemType: type, itemId: id, lastAtMs: atMs }) => {
    const names = byTaste.get(keyOf({ type, id }))?.names;
    return names === undefined ? [] : [{ names, atMs }];
  });
  const affinity = model?.affinity(taken, nowMs);
  const content = model?.content(known, nowMs) ?? (() => 0);
  return items
    .map((item) => {
      const place = model?.placeOf(item.taste);
      const likely =
        place === undefined ? NEW_ITEM : model!.weights.recent * model!.recent[place]! + affinity![place]!;
      return { item, score: likely + content(item.names) + boostOf(item, { strategy, available, nowMs }) };
    })
    .sort((a, b) => b.score - a.score || (keyOf(a.item.key) < keyOf(b.item.key) ? -1 : 1));
}

function mixed(ranked: readonly Ranked[], limit: number): Ranked[] {
  const most = Math.ceil(limit / 2);
  const counts = new Map<string, number>();
  const [first, rest]: [Ranked[], Ranked[]] = [[], []];
  for (const one of ranked) {
    const { type } = one.item.key;
    const count = counts.get(type) ?? 0;
    (count < most ? first : rest).push(one);
    counts.set(type, count + 1);
  }
  return [...first, ...rest];
}

/** Which of the new ones somebody is shown changes by the hour, and from one to the other: within a day each is shown to somebody. */
function withNew(ranked: Ranked[], { userId, model, nowMs }: Ranking, places: readonly number[]): Ranked[] {
  const isNew = ({ item }: Ranked) =>
    item.key.type !== 'way' && (model?.placeOf(item.taste) === undefined || nowMs - item.sinceMs < NEW_MS);
  const list = [...ranked];
  const turn = Math.floor(nowMs / TURN_MS);
  places.forEach((place, nth) => {
    const left = list.slice(place).filter(isNew);
    if (left.length === 0) return;
    const chosen = left[chanceOf(`${userId} ${turn} ${nth}`) % left.length]!;
    list.splice(list.indexOf(chosen), 1);
    list.splice(place, 0, chosen);
  });
  return list;
}

function chanceOf(seed: string): number {
  return createHash('sha256').update(seed).digest().readUInt32BE(0);
}
