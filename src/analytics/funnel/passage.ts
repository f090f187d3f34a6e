/*
 * How far one unit comes through a funnel (RS-1).
 *
 * A passage takes a deed of its own for each of the first steps: the moments of ordered ones do not fall, and deeds of one moment have no
 * order, so that which row came first makes no difference. It begins within the span and takes no longer than the window. Of all
 * passages that come as far as any, the one is told of that is there first; of those, the one that began last, and then the one that has
 * done each step as early as it could. So a unit counts once, and no time between steps is below zero.
 */
import { passageInAnyOrder } from './anyOrder.ts';
import type { Deed, Funnel, Span } from './definition.ts';
import { stepsMatched } from './match.ts';
import { momentsOf, NO_PASSAGE, type Moment, type Passage, type Walk } from './moments.ts';

/** @param deeds of one unit, in the order of their moments */
export function passageOf(funnel: Funnel, span: Span, deeds: readonly Deed[]): Passage {
  const walk = { ...span, windowMs: funnel.windowMs, steps: funnel.steps.length };
  const moments = momentsOf(funnel, deeds);
  if (funnel.order === 'any') return passageInAnyOrder(walk, moments);
  return funnel.order === 'strict' ? strictPassage(walk, moments) : orderedPassage(walk, moments);
}

/** The first steps, done. */
interface Way {
  startMs: number;
  timesMs: readonly number[];
}

/** By the number of steps that are done, the best way there. */
type Ways = (Way | undefined)[];

function orderedPassage(walk: Walk, moments: readonly Moment[]): Passage {
  let furthest = NO_PASSAGE;
  const best: Ways = [];
  for (const moment of moments) {
    const found = begun(walk, moment);
    offerAll(found, continued(walk, moment, best));
    furthest = further(furthest, found, moment.atMs);
    offerAll(best, found);
  }
  return furthest;
}

/** Others of its first moment may come before it, those of its last one after it. */
function strictPassage(walk: Walk, moments: readonly Moment[]): Passage {
  let furthest = NO_PASSAGE;
  let before: Ways = [];
  for (const moment of moments) {
    const next = begun(walk, moment);
    const found = [...next];
    offerAll(found, continued(walk, moment, before));
    furthest = further(furthest, found, moment.atMs);
    // Whoever goes on after a moment has done nothing in it but steps.
    for (const [done, way] of before.entries()) {
      const reached = done + moment.masks.length;
      if (way !== undefined) offer(next, reached, waysFrom(walk, moment, { done, way })[reached]);
    }
    before = next;
  }
  return furthest;
}

/** Ways that begin at a moment. */
function begun(walk: Walk, moment: Moment): Ways {
  const isInSpan = moment.atMs >= walk.fromMs && moment.atMs < walk.toMs;
  return isInSpan ? waysFrom(walk, moment, { done: 0, way: { startMs: moment.atMs, timesMs: [] } }) : [];
}

/** Where ways lead that began before a moment. */
function continued(walk: Walk, moment: Moment, before: Ways): Ways {
  const found: Ways = [];
  for (const [done, way] of before.entries())
    if (way !== undefined) offerAll(found, waysFrom(walk, moment, { done, way }));
  return found;
}

function waysFrom(walk: Walk, { atMs, masks }: Moment, { done, way }: { done: number; way: Way }): Ways {
  if (atMs - way.startMs > walk.windowMs) return [];
  const found: Ways = [];
  const last = stepsMatched(masks, done, walk.steps);
  const timesMs = [...way.timesMs];
  for (let reached = done + 1; reached <= last; reached++) {
    timesMs.push(atMs);
    found[reached] = { startMs: way.startMs, timesMs: [...timesMs] };
  }
  return found;
}

function offerAll(ways: Ways, others: Ways): void {
  others.forEach((way, reached) => offer(ways, reached, way));
}

function offer(ways: Ways, reached: number, way: Way | undefined): void {
  if (way !== undefined && isBetter(way, ways[reached])) ways[reached] = way;
}

function isBetter(one: Way, other: Way | undefined): boolean {
  if (other === undefined || one.startMs !== other.startMs)
    return other === undefined || one.startMs > other.startMs;
  const at = one.timesMs.findIndex((timeMs, step) => timeMs !== other.timesMs[step]);
  return at >= 0 && one.timesMs[at]! < other.timesMs[at]!;
}

function further(furthest: Passage, found: Ways, endMs: number): Passage {
  const reached = found.length - 1;
  return reached > furthest.reached ? { reached, endMs, ...found[reached]! } : furthest;
}
