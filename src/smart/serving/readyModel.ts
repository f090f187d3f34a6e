/** A model with what makes asking it fast. */
import { easeScorer } from '../recommend/ease.ts';
import { preferencesOf } from '../recommend/content.ts';
import type { Scores, Taken } from '../recommend/history.ts';
import { liftScorer } from '../recommend/lift.ts';
import { weightOfTaken } from '../recommend/models.ts';
import type { ItemKey, Model } from '../training/packedModel.ts';

export interface ReadyModel extends Model {
  version: number;
  /** Where an item stands in it; undefined: it is not in it. */
  placeOf(key: ItemKey): number | undefined;
  /** How much likelier each of its items is for somebody, by what they have taken of its items. */
  affinity(own: readonly Taken[], nowMs: number): Scores;
  /** How much of that comes of one thing that they have taken. */
  partOf(taken: number, item: number): number;
  /** How much likelier something is for somebody by what it is. */
  content(
    own: readonly { names: readonly string[]; atMs: number }[],
    nowMs: number,
  ): (names: readonly string[]) => number;
}

export function keyOf({ type, id }: { type: string; id: number }): string {
  return `${type} ${id}`;
}

export function readyModel(version: number, model: Model): ReadyModel {
  const { items, weights, lift, ease, tasteHalfLifeDays } = model;
  const places = new Map(items.map((item, place) => [keyOf(item), place]));
  const shares = new Map(Object.entries(model.shares));
  const count = items.length;
  const byEase = easeScorer({ items: count, weights: ease });
  return {
    ...model,
    version,
    placeOf: (key) => places.get(keyOf(key)),
    affinity(own, nowMs) {
      const byLift = liftScorer({ items: count, weights: lift }, weightOfTaken(nowMs, tasteHalfLifeDays));
      const lifts = byLift.score(own);
      const eases = byEase.score(own);
      return lifts.map((one, place) => weights.lift * one + weights.ease * eases[place]!);
    },
    partOf: (taken, item) =>
      weights.lift * lift[taken * count + item]! + weights.ease * ease[taken * count + item]!,
    content(own, nowMs) {
      const lately = weightOfTaken(nowMs, tasteHalfLifeDays);
      const taken = own.map(({ names, atMs }) => ({ names, weight: lately({ item: 0, atMs }) }));
      const preference = taken.length === 0 ? () => 0 : preferencesOf(taken, shares);
      return (names) => weights.content * preference(names);
    },
  };
}
