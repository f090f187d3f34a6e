/** Why somebody is recommended something: always true (RS-10), since it is told of what has chosen it. */
import { z } from 'zod';
import { ITEM_TYPES } from '../../analytics/interactions/readInteractions.ts';
import { pointsShape, rowIdShape, timeShape } from '../../platform/shapes.ts';
import type { Offered } from './catalogue.ts';
import type { ReadyModel } from './readyModel.ts';
import { keyOf } from './readyModel.ts';

export const reasonShape = z
  .discriminatedUnion('code', [
    z.object({
      code: z.literal('because_you'),
      item_type: z.enum(ITEM_TYPES),
      item_id: rowIdShape,
      title: z.string(),
      at: timeShape,
    }),
    z.object({ code: z.literal('popular_this_week'), people: z.int() }),
    z.object({ code: z.literal('new'), since: timeShape }),
    z.object({ code: z.literal('ends_soon'), ends_at: timeShape }),
    z.object({ code: z.literal('fits_points'), price: pointsShape }),
    z.object({ code: z.literal('on_offer') }),
  ])
  .meta({
    description:
      'because_you: who has had to do with that item likes this one; on_offer: nothing but that it is there',
  });
export type Reason = z.output<typeof reasonShape>;

/** Something that somebody has had to do with. */
export interface PastDeed {
  type: 'campaign' | 'product' | 'way' | 'offer';
  id: number;
  /** Where it stands in the model. */
  place: number;
  atMs: number;
  /** Undefined: it is not offered any more, and what it was called is not known. */
  title: string | undefined;
}

export interface Knowing {
  model: ReadyModel | undefined;
  own: readonly PastDeed[];
  /** Whole points that they can spend. */
  available: number;
  nowMs: number;
}

const DAY_MS = 86_400_000;
const SOON_MS = 3 * DAY_MS;
export const NEW_MS = 7 * DAY_MS;
/** Of two things, a third more people have both than would by chance. */
const RELATED = 0.3;
const MANY = 3;
/** A model tells of the week before it was made. */
const FRESH_MS = 2 * DAY_MS;

export function reasonOf(item: Offered, { model, own, available, nowMs }: Knowing): Reason {
  const { endsAtMs, sinceMs, price } = item;
  const place = model?.placeOf(item.taste);
  if (model !== undefined && place !== undefined) {
    const [closest] = own
      .flatMap((deed) => (deed.title === undefined ? [] : [{ deed, part: model.partOf(deed.place, place) }]))
      .sort((a, b) => b.part - a.part);
    if (closest !== undefined && closest.part > RELATED) {
      const { type, id, title, atMs } = closest.deed;
      return {
        code: 'because_you',
        item_type: type,
        item_id: id,
        title: title!,
        at: new Date(atMs).toISOString(),
      };
    }
  }
  if (endsAtMs !== null && endsAtMs - nowMs < SOON_MS)
    return { code: 'ends_soon', ends_at: new Date(endsAtMs).toISOString() };
  if (nowMs - sinceMs < NEW_MS) return { code: 'new', since: new Date(sinceMs).toISOString() };
  if (model !== undefined && place !== undefined && nowMs - model.trainedAtMs < FRESH_MS) {
    const people = model.weekPeople[place]!;
    if (people >= MANY) return { code: 'popular_this_week', people };
  }
  if (price !== null && price <= available) return { code: 'fits_points', price };
  return { code: 'on_offer' };
}

export function titlesOf(items: readonly Offered[]): ReadonlyMap<string, string> {
  return new Map(items.map(({ taste, title }) => [keyOf(taste), title]));
}
