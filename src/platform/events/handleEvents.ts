import { isItemsFault } from '../actor/itemsFault.ts';
import type { Clock } from '../clock.ts';
import { isRetryable } from '../database/driverErrors.ts';
import type { Database, Tx } from '../database/transaction.ts';
import { halvesOf } from '../halves.ts';
import type { Logger } from '../logger.ts';
import { traced } from '../trace.ts';
import type { DomainEvent, EventBus, Registration } from './bus.ts';
import { failureText } from './failureText.ts';
import { earlierOpen, type EarlierEvent } from './order.ts';
import { markHandled, type DueEvent } from './store.ts';

export interface HandlingServices {
  database: Database;
  clock: Clock;
  logger: Logger;
  handlers: EventBus;
}

/** What became of a claim; of an event that is in neither, every handler has done its work. */
export interface Outcome {
  /** The first failure of each, as a row may keep it. */
  failures: ReadonlyMap<DueEvent, string>;
  /** Some handler has not begun with these. */
  unstarted: ReadonlySet<DueEvent>;
  /** Some handler waits for an earlier one of the same user: until then there is nothing to try. */
  waiting: ReadonlyMap<DueEvent, EarlierEvent>;
}

export interface HandlingOptions {
  /** Transactions at once. */
  concurrency: number;
  /** Nothing is begun any more. */
  isStopped(): boolean;
}

/** Of the events of a batch, on the lines of their handlers. */
const SHOWN = 8;

interface Item {
  due: DueEvent;
  event: DomainEvent;
}

/** What one handler is given of a claim. */
interface Work {
  registration: Registration;
  items: readonly Item[];
}

/**
 * Runs the handlers of claimed events, each handler's in a transaction with their marks; one that fails does not stop the
 * others, and events whose mark is there are left out.
 */
export async function handleEvents(
  services: HandlingServices,
  events: readonly DueEvent[],
  { concurrency, isStopped }: HandlingOptions,
): Promise<Outcome> {
  const { handlers, logger } = services;
  const failures = new Map<DueEvent, string>();
  const unstarted = new Set<DueEvent>();
  const waiting = new Map<DueEvent, EarlierEvent>();
  const leave = (items: readonly Item[]) => items.forEach(({ due }) => unstarted.add(due));
  const onFailure = (failed: readonly DueEvent[], error: unknown, handler?: string) => {
    const [{ eventId, type, attempts }] = failed as [DueEvent];
    const about = { err: error, eventId, events: failed.length, type, handler, attempt: attempts + 1 };
    logger.warn(about, 'an event was not handled');
    const text = failureText(error);
    for (const due of failed) if (!failures.has(due)) failures.set(due, text);
  };
  const run = async ({ registration, items }: Work) => {
    const { isOnce, name } = registration;
    for (let parts = isOnce ? items.map((item) => [item]) : [items]; parts.length > 0;) {
      const [part, ...others] = parts as [Item[], ...Item[][]];
      parts = others;
      if (isStopped()) {
        leave(part);
        continue;
      }
      try {
        const eventIds = part.slice(0, SHOWN).map(({ event }) => event.eventId);
        const ran = await traced({ handler: name, eventIds }, () => runOnce(services, part, registration));
        for (const [{ due }, earlier] of ran.waiting) waiting.set(due, earlier);
        if (ran.isDone && isOnce) return;
      } catch (error) {
        // A lock that one of them waits for in vain holds up no other.
        const isPossiblyOnes = isItemsFault(error) || isRetryable(error);
        if (part.length > 1 && isPossiblyOnes) parts = [...halvesOf(part), ...others];
        else
          onFailure(
            part.map(({ due }) => due),
            error,
            name,
          );
      }
    }
    handlers.putBack(registration);
  };
  const items = events.flatMap((due): Item[] => {
    try {
      return [{ due, event: toEvent(due) }];
    } catch (error) {
      onFailure([due], error);
      return [];
    }
  });
  const works = worksOf(handlers, items);
  const takeNext = async () => {
    for (let work = works.shift(); work !== undefined; work = works.shift()) await run(work);
  };
  await Promise.all(Array.from({ length: concurrency }, takeNext));
  for (const due of failures.keys()) unstarted.delete(due);
  for (const due of [...failures.keys(), ...unstarted]) waiting.delete(due);
  return { failures, unstarted, waiting };
}

/**
 * As `handleEvents`, in the transaction that has found the events and holds their locks, where nothing goes wrong: what does is
 * thrown, and takes all of it back. Of types whose handlers all take batches.
 * @returns those that wait for an earlier one of their user; all others are done
 */
export async function handleAtOnce(
  tx: Tx,
  { handlers, clock }: Pick<HandlingServices, 'handlers' | 'clock'>,
  events: readonly DueEvent[],
): Promise<ReadonlySet<DueEvent>> {
  const waiting = new Set<DueEvent>();
  const items = events.map((due) => ({ due, event: toEvent(due) }));
  for (const { registration, items: ofHandler } of worksOf(handlers, items)) {
    const ran = await runIn(tx, ofHandler, registration, clock.nowMs());
    for (const { due } of ran.waiting.keys()) waiting.add(due);
  }
  return waiting;
}

/** In the order of the events that they begin with. */
function worksOf(handlers: EventBus, items: readonly Item[]): Work[] {
  const byType = Map.groupBy(items, ({ event }) => event.type);
  const ordered = new Map<string, { registration: Registration; items: Item[] }>();
  const works = [...byType].flatMap(([type, ofType]): Work[] =>
    handlers.take(type).flatMap((registration): Work[] => {
      const { isOnce, isSingle, name } = registration;
      if (registration.ordered !== undefined) {
        const before = ordered.get(name);
        if (before === undefined) ordered.set(name, { registration, items: [...ofType] });
        else before.items.push(...ofType);
        return [];
      }
      if (isOnce) return [{ registration, items: ofType }];
      if (isSingle) return ofType.map((item) => ({ registration, items: [item] }));
      return [{ registration, items: inOrder(ofType) }];
    }),
  );
  for (const work of ordered.values()) works.push({ ...work, items: inOrder(work.items) });
  const places = new Map(items.map((item, place) => [item, place]));
  const placeOf = (work: Work) => Math.min(...work.items.map((item) => places.get(item)!));
  return works
    .map((work) => ({ work, place: placeOf(work) }))
    .sort((a, b) => a.place - b.place)
    .map(({ work }) => work);
}

function inOrder(items: readonly Item[]): Item[] {
  return items.toSorted((a, b) => a.event.eventId - b.event.eventId);
}

interface Ran {
  /** Whether the handler ran: not when all marks were there. */
  isDone: boolean;
  /** Of an ordered handler those that cannot be handled yet, each with one that must be before. */
  waiting: ReadonlyMap<Item, EarlierEvent>;
}

function runOnce({ database, clock }: HandlingServices, items: readonly Item[], registration: Registration) {
  return database.retryingTransaction((tx) => runIn(tx, items, registration, clock.nowMs()));
}

async function runIn(
  tx: Tx,
  items: readonly Item[],
  { name, handle, ordered }: Registration,
  nowMs: number,
): Promise<Ran> {
  const dues = items.map(({ due }) => due);
  const earlier = ordered && (await earlierOpen(tx, dues, { handler: name, types: ordered }));
  const waiting = new Map(
    items.flatMap((item) => {
      const before = earlier?.get(item.due);
      return before === undefined ? [] : [[item, before] as const];
    }),
  );
  const now = items.filter((item) => !waiting.has(item));
  const eventIds = now.map(({ event }) => event.eventId);
  if (eventIds.length === 0) return { isDone: false, waiting };
  const open = await markHandled(tx, { eventIds, handler: name, nowMs });
  const events = now.map(({ event }) => event).filter(({ eventId }) => open.has(eventId));
  if (events.length > 0) await handle(events, tx);
  return { isDone: events.length > 0, waiting };
}

function toEvent({ eventId, type, userId, json, createdAtMs, isSimulated }: DueEvent): DomainEvent {
  return { eventId, type, userId, data: JSON.parse(json ?? 'null') as unknown, createdAtMs, isSimulated };
}
