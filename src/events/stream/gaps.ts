import { z } from 'zod';
import { LIMITS } from '../../platform/limits.ts';

/** Ids, both ends among them, that were not there when a higher one was. Each is of a transaction that has not ended, or is nobody's. */
export interface Gap {
  from: number;
  to: number;
  noticedMs: number;
}

const gapsShape = z.array(z.strictObject({ from: z.int(), to: z.int(), noticedMs: z.int() }));

export function readGaps(json: string): Gap[] {
  return gapsShape.parse(JSON.parse(json));
}

export interface Found {
  /** In their order; some in gaps, some above `newest`. */
  eventIds: readonly number[];
  /** The highest that was known. */
  newest: number;
  nowMs: number;
}

/**
 * The gaps once these ids are there. Of too many, the nearest neighbours become one with what is between them, which is looked at
 * again and again then, but nothing of it is lost.
 */
export function gapsAfter(gaps: readonly Gap[], { eventIds, newest, nowMs }: Found): Gap[] {
  const left = gaps.flatMap((gap) => without(gap, eventIds));
  let last = newest;
  for (const eventId of eventIds) {
    if (eventId <= newest) continue;
    if (eventId > last + 1) left.push({ from: last + 1, to: eventId - 1, noticedMs: nowMs });
    last = eventId;
  }
  while (left.length > LIMITS.streamGaps) joinNearest(left);
  return left;
}

function without({ from, to, noticedMs }: Gap, eventIds: readonly number[]): Gap[] {
  const left: Gap[] = [];
  let next = from;
  for (const eventId of eventIds) {
    if (eventId < from || eventId > to) continue;
    if (eventId > next) left.push({ from: next, to: eventId - 1, noticedMs });
    next = eventId + 1;
  }
  if (next <= to) left.push({ from: next, to, noticedMs });
  return left;
}

function joinNearest(gaps: Gap[]): void {
  let at = 0;
  const distance = (of: number) => gaps[of + 1]!.from - gaps[of]!.to;
  for (let other = 1; other < gaps.length - 1; other++) if (distance(other) < distance(at)) at = other;
  const [first, second] = gaps.slice(at, at + 2) as [Gap, Gap];
  const joined = {
    from: first.from,
    to: second.to,
    noticedMs: Math.max(first.noticedMs, second.noticedMs),
  };
  gaps.splice(at, 2, joined);
}
