/** One moment before which everything is known, and after which everything is to be told (RS-6). */
import type { History, Taken } from '../recommend/history.ts';

/** Somebody has an item from the moment on at which they first took it. */
export interface Split {
  splitMs: number;
  /** Before it. */
  before: History;
  /** Of each person, what they first took from then on. */
  after: readonly ReadonlySet<number>[];
}

/** An event: somebody took something. */
export interface Event extends Taken {
  person: number;
}

export interface Log {
  people: number;
  items: number;
  events: readonly Event[];
}

/** So that this part of all events lies before it. */
export function splitAt({ people, events }: Log, part: number): Split {
  const times = events.map(({ atMs }) => atMs).sort((a, b) => a - b);
  const splitMs = times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? 0;
  const known = Array.from({ length: people }, () => new Map<number, number>());
  const after = Array.from({ length: people }, () => new Set<number>());
  for (const { person, item, atMs } of events)
    if (atMs < splitMs) known[person]!.set(item, Math.max(atMs, known[person]!.get(item) ?? atMs));
  for (const { person, item, atMs } of events)
    if (atMs >= splitMs && !known[person]!.has(item)) after[person]!.add(item);
  const before = known.map((own) => [...own].map(([item, atMs]) => ({ item, atMs })));
  return { splitMs, before, after };
}

/** The events of a history: each item of somebody was last taken then. */
export function eventsOf(history: History): Event[] {
  return history.flatMap((own, person) => own.map((taken) => ({ ...taken, person })));
}
