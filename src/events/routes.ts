import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { EVENT_TYPES } from '../platform/events/types.ts';
import { actorOf, route, type Route } from '../platform/http/route.ts';
import { toWireTime } from '../platform/shapes.ts';
import {
  bulkRetriedShape,
  eventPath,
  eventShape,
  eventsQuery,
  eventsShape,
  publishBody,
  publishedShape,
  retriedShape,
  retryBody,
  statsShape,
  typesShape,
} from './messages.ts';
import { publishEvent, PUBLISHABLE } from './publish.ts';
import {
  listEvents,
  MOST_COUNTED,
  readEvent,
  readHandledTypes,
  readStatistics,
  type ListedEvent,
  type ReadEvent,
} from './readEvents.ts';
import { retryEvent, retryEvents } from './retry.ts';

export interface EventRoutesServices {
  database: Database;
  clock: Clock;
  eventHandlers: HandlerNames;
}

/** The names of those who handle a type on this node. */
export interface HandlerNames {
  of(type: string): string[];
}

/** What has happened, for administrators (E-4). */
export function eventRoutes(services: EventRoutesServices): Route[] {
  return [...listRoutes(services), ...overviewRoutes(services), ...operatingRoutes(services)];
}

function listRoutes({ database, eventHandlers }: EventRoutesServices): Route[] {
  return [
    route({
      method: 'get',
      path: '/events',
      access: 'events:read',
      list: { name: 'events' },
      summary: 'Business events, newest first; those that were given up have the status dead_letter',
      query: eventsQuery,
      data: eventsShape,
      handle: async ({ query }) => {
        const { items, isTotalExact, next, ...page } = await listEvents(database, query);
        return {
          data: {
            ...page,
            items: items.map(toWire),
            total_is_exact: isTotalExact,
            next: next === null ? null : String(next),
          },
        };
      },
    }),
    // Before the route of one event, whose id this would be.
    route({
      method: 'get',
      path: '/events/types',
      access: 'events:read',
      summary: 'The types of events that this build knows, who handles them, and which may be published',
      data: typesShape,
      handle: async () => {
        const handled = await readHandledTypes(database);
        const items = EVENT_TYPES.map((type) => ({
          type,
          is_publishable: PUBLISHABLE.includes(type),
          is_handled: handled.has(type),
          handlers: eventHandlers.of(type),
        }));
        return { data: { items } };
      },
    }),
  ];
}

function overviewRoutes({ database, clock, eventHandlers }: EventRoutesServices): Route[] {
  return [
    route({
      method: 'get',
      path: '/events/stats',
      access: 'events:read',
      summary: 'How many events wait, were given up, and have come of each type of late',
      data: statsShape,
      handle: async () => {
        const { byStatus, recent, oldestWaitingMs } = await readStatistics(database);
        const lagMs = oldestWaitingMs === null ? 0 : Math.max(0, clock.nowMs() - oldestWaitingMs);
        const by_status = byStatus.map(({ status, events }) => ({
          status,
          events: Math.min(events, MOST_COUNTED),
          is_exact: events <= MOST_COUNTED,
        }));
        return {
          data: {
            by_status,
            recent: {
              events: recent.byType.reduce((sum, { events }) => sum + events, 0),
              since: timeOrNull(recent.sinceMs),
              by_type: recent.byType,
            },
            dead_letters: by_status.find(({ status }) => status === 'dead_letter')!.events,
            oldest_pending_at: timeOrNull(oldestWaitingMs),
            lag_seconds: lagMs / 1000,
          },
        };
      },
    }),
    route({
      method: 'get',
      path: '/events/:id',
      access: 'events:read',
      summary: 'One event, with its data and who has handled it',
      refusals: ['NOT_FOUND'],
      params: eventPath,
      data: eventShape,
      handle: async ({ params }) => {
        const found = await readEvent(database, params.id);
        if (found === undefined) throw new AppError('NOT_FOUND');
        return { data: oneToWire(found, eventHandlers) };
      },
    }),
  ];
}

function operatingRoutes(services: EventRoutesServices): Route[] {
  return [
    route({
      method: 'post',
      path: '/events/publish',
      access: 'events:operate',
      summary: 'Publish an event that is marked as simulated; of few types, and never of points or draws',
      body: publishBody,
      data: publishedShape,
      handle: async (input) => ({
        data: { event_id: await publishEvent(services, { actor: actorOf(input), ...input.body }) },
      }),
    }),
    route({
      method: 'post',
      path: '/events/retry',
      access: 'events:operate',
      summary: 'Try the oldest events again that were given up, so many a second and no more',
      body: retryBody,
      data: bulkRetriedShape,
      handle: async (input) => {
        const asked = { actor: actorOf(input), ...input.body };
        const { retried, hasMore, lastMs } = await retryEvents(services, asked);
        return { data: { retried, has_more: hasMore, last_at: timeOrNull(lastMs) } };
      },
    }),
    route({
      method: 'post',
      path: '/events/:id/retry',
      access: 'events:operate',
      summary:
        'Try an event again that was given up, with all its tries; handlers that are done are not run again',
      refusals: ['NOT_FOUND'],
      params: eventPath,
      data: retriedShape,
      handle: async (input) => {
        const eventId = input.params.id;
        const { isRetried, status } = await retryEvent(services, { actor: actorOf(input), eventId });
        return { data: { event_id: eventId, status, is_retried: isRetried } };
      },
    }),
  ];
}

function toWire(event: ListedEvent) {
  return {
    event_id: event.event_id,
    type: event.event_type,
    status: event.status,
    user_id: event.user_id,
    priority: event.priority,
    attempts: event.attempts,
    simulated: event.is_simulated,
    created_at: event.created_at.toISOString(),
    processed_at: event.processed_at?.toISOString() ?? null,
  };
}

function oneToWire({ event, handlings }: ReadEvent, handlers: HandlerNames) {
  const done = handlings.map(({ handler, handled_at }) => ({
    handler,
    status: 'completed' as const,
    handled_at: handled_at.toISOString(),
  }));
  const isDone = (name: string) => handlings.some(({ handler }) => handler === name);
  // Of a completed event those did not listen yet.
  const open =
    event.status === 'completed' ? [] : handlers.of(event.event_type).filter((name) => !isDone(name));
  const status =
    event.attempts > 0 || event.status === 'dead_letter' ? ('failed' as const) : ('pending' as const);
  return {
    ...toWire(event),
    data: dataOf(event.event_data),
    error: event.last_error,
    handlings: [...done, ...open.map((handler) => ({ handler, status, handled_at: null }))],
  };
}

function dataOf(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return null;
  }
}

function timeOrNull(timeMs: number | null): string | null {
  return timeMs === null ? null : toWireTime(timeMs);
}
