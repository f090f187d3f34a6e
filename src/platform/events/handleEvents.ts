import { isItemsFault } from '../actor/itemsFault.ts';
import type { Clock } from '../clock.ts';
import { isRetryable } from '../database/driverErrors.ts';
import type { Database } from '../database/transaction.ts';
import { halvesOf } from '../halves.ts';
import type { Logger } from '../logger.ts';
import type { DomainEvent, EventBus, Registration } from './bus.ts';
import { failureText } from './failureText.ts';
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
}

export interface HandlingOptions {
  /** Transactions at once. */
  concurrency: number;
  /** Nothing is begun any more. */
  isStopped(): boolean;
}

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
        if ((await runOnce(services, part, registration)) && isOnce) return;
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
  return { failures, unstarted };
}

/** In the order of the events that they begin with. */
function worksOf(handlers: EventBus, items: readonly Item[]): Work[] {
  const byType = Map.groupBy(items, ({ event }) => event.type);
  const works = [...byType].flatMap(([type, ofType]) =>
    handlers.take(type).flatMap((registration) => {
      const { isOnce, isSingle } = registration;
      if (isOnce) return [{ registration, items: ofType }];
      if (isSingle) return ofType.map((item) => ({ registration, items: [item] }));
      return [{ registration, items: ofType.toSorted((a, b) => a.event.eventId - b.event.eventId) }];
    }),
  );
  const places = new Map(items.map((item, place) => [item, place]));
  const placeOf = (work: Work) => Math.min(...work.items.map((item) => places.get(item)!));
  return works
    .map((work) => ({ work, place: placeOf(work) }))
    .sort((a, b) => a.place - b.place)
    .map(({ work }) => work);
}

/** Returns whether the handler ran: not when all marks were there. */
async function runOnce(
  { database, clock }: HandlingServices,
  items: readonly Item[],
  { name, handle }: Registration,
): Promise<boolean> {
  return database.retryingTransaction(async (tx) => {
    const eventIds = items.map(({ event }) => event.eventId);
    const open = await markHandled(tx, { eventIds, handler: name, nowMs: clock.nowMs() });
    const events = items.map(({ event }) => event).filter(({ eventId }) => open.has(eventId));
    if (events.length > 0) await handle(events, tx);
    return events.length > 0;
  });
}

function toEvent({ eventId, type, userId, json, createdAtMs }: DueEvent): DomainEvent {
  return { eventId, type, userId, data: JSON.parse(json ?? 'null') as unknown, createdAtMs };
}
