/** Reads what a model is made of, a few people at a time, beside whoever draws. */
import { setTimeout as sleep } from 'node:timers/promises';
import { readInteractionPage, type Interaction } from '../../analytics/interactions/readInteractions.ts';
import type { Database } from '../../platform/database/transaction.ts';
import { packed } from '../recommend/history.ts';
import type { ItemKey } from './packedModel.ts';
import type { Training } from './trainModel.ts';

/** People of one page. */
const PAGE = 100;
/** Between two pages, or as long as the page took. */
const PAUSE_MS = 5;
/** Inverting as many items squared takes half a second; those that most people have had to do with lately. */
export const MOST_ITEMS = 500;
/** People of one model, the newest; and things that one of them has had to do with, the latest. */
const MOST_PEOPLE = 50_000;
const MOST_OF_PERSON = 200;
const DAY_MS = 86_400_000;
/** What was longer ago says nothing any more. */
const YEARS_MS = 2 * 365 * DAY_MS;
const HALF_LIFE_MS = 60 * DAY_MS;

export type Gathered = Pick<Training, 'taken' | 'entries' | 'items'> & { interactions: number };

export async function gather(
  database: Pick<Database, 'currentReader'>,
  nowMs: number,
  stopping?: AbortSignal,
): Promise<Gathered> {
  const people: Interaction[][] = [];
  let after: number | undefined = 0;
  while (after !== undefined) {
    stopping?.throwIfAborted();
    const beganMs = performance.now();
    const page = await readInteractionPage(database, { after, people: PAGE });
    for (const own of Map.groupBy(page.interactions, ({ userId }) => userId).values())
      people.push(latestOf(own, nowMs));
    if (people.length > MOST_PEOPLE) people.splice(0, people.length - MOST_PEOPLE);
    ({ after } = page);
    if (after !== undefined) {
      const pauseMs = Math.max(PAUSE_MS, performance.now() - beganMs);
      await sleep(pauseMs, undefined, { ref: false });
    }
  }
  return gatheredOf(people, nowMs);
}

function latestOf(own: readonly Interaction[], nowMs: number): Interaction[] {
  return own
    .filter(({ lastAtMs }) => nowMs - lastAtMs < YEARS_MS)
    .sort((a, b) => b.lastAtMs - a.lastAtMs)
    .slice(0, MOST_OF_PERSON);
}

function gatheredOf(people: readonly Interaction[][], nowMs: number): Gathered {
  const weights = new Map<string, { key: ItemKey; weight: number }>();
  for (const own of people)
    for (const { itemType: type, itemId: id, lastAtMs } of own) {
      const known = weights.get(`${type} ${id}`) ?? { key: { type, id }, weight: 0 };
      known.weight += 2 ** (-Math.max(0, nowMs - lastAtMs) / HALF_LIFE_MS);
      weights.set(`${type} ${id}`, known);
    }
  const chosen = [...weights.entries()]
    .sort(([a, one], [b, other]) => other.weight - one.weight || (a < b ? -1 : 1))
    .slice(0, MOST_ITEMS);
  const places = new Map(chosen.map(([name], place) => [name, place]));
  const history = people.map((own) =>
    own.flatMap(({ itemType, itemId, lastAtMs: atMs }) => {
      const item = places.get(`${itemType} ${itemId}`);
      return item === undefined ? [] : [{ item, atMs }];
    }),
  );
  return {
    taken: packed(history),
    entries: Float64Array.from(people, (own) => own.reduce((sum, { entries }) => sum + entries, 0)),
    items: chosen.map(([, { key }]) => key),
    interactions: history.reduce((sum, own) => sum + own.length, 0),
  };
}
