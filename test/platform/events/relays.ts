/** Relays of a test and what it looks at. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../../src/platform/clock.ts';
import { systemClock } from '../../../src/platform/clock.ts';
import type { Database } from '../../../src/platform/database/transaction.ts';
import type { EventBus } from '../../../src/platform/events/bus.ts';
import { emitEvents, type NewEvent } from '../../../src/platform/events/outbox.ts';
import { EventRelay } from '../../../src/platform/events/relay.ts';
import type { RelaySettings } from '../../../src/platform/events/relaySettings.ts';
import type { Wake } from '../../../src/platform/cluster/wake.ts';
import { createLogger } from '../../../src/platform/logger.ts';
import { logSearch } from '../../support/logs.ts';

export const logger = createLogger('debug', logSearch.destination);

/** So that retries come within a test. */
export const FAST = { backoffMs: 5, minPollMs: 5, maxPollMs: 20, claimGapMs: 1 };
/** Whoever sees an event in time was woken. */
export const NO_POLLING = { minPollMs: 60_000, maxPollMs: 60_000, peekMs: 60_000 };

export interface Given {
  clock?: Clock;
  nodeId?: string;
  wake?: Wake;
  handlersWake?: Wake;
  settings?: Partial<RelaySettings>;
}

/** What relays of tests know; the product's own events are told of by its own code alone. */
export const TEST_TYPES = ['test:done', 'test:other'];

type TestEvent = Partial<Omit<NewEvent, 'type'>> & { type?: string };

let relays = 0;

export function relayOf(database: Database, handlers: EventBus, given: Given = {}): EventRelay {
  const { clock = systemClock, nodeId = `node-${++relays}`, settings = FAST, ...wakes } = given;
  return new EventRelay({ database, clock, logger, nodeId, handlers, settings, ...wakes });
}

/** Starts relays, which are stopped when their test is over. To be called where tests are registered. */
export function relayStarter(): (relay: EventRelay) => EventRelay {
  const relays: EventRelay[] = [];
  afterEach('relays stop', async () => {
    for (const relay of relays.splice(0)) await relay.stop();
  });
  return (relay) => {
    relays.push(relay);
    relay.start();
    return relay;
  };
}

export async function emit(database: Database, events: readonly TestEvent[]): Promise<void> {
  const whole = events.map((event) => ({ type: 'test:done', userId: null, data: {}, ...event }));
  await database.transaction((tx) => emitEvents(tx, whole as NewEvent[], Date.now()));
}

export interface EventRow {
  event_id: number;
  event_type: string;
  status: string;
  attempts: number;
  takeovers: number;
  claimed_by: string | null;
  last_error: string | null;
}

export async function rowsOf(database: Database): Promise<EventRow[]> {
  return database.read(
    `SELECT event_id, event_type, status, attempts, takeovers, claimed_by, last_error
     FROM business_events ORDER BY event_id`,
  );
}

export async function statusesOf(database: Database): Promise<string[]> {
  return (await rowsOf(database)).map(({ status }) => status);
}

export async function countOf(database: Database, table: string): Promise<number> {
  const [row] = await database.read<{ count: number | string }>(`SELECT COUNT(*) AS count FROM ${table}`);
  return Number(row!.count);
}

/** Waits until all events have come to their end. */
export async function settled(database: Database, timeoutMs = 10_000): Promise<void> {
  await until(async () => {
    const [open] = await database.readCurrent<{ count: number | string }>(
      `SELECT COUNT(*) AS count FROM business_events WHERE status NOT IN ('completed', 'dead_letter')`,
    );
    return Number(open!.count) === 0;
  }, timeoutMs);
}

/** Waits until all events have come to their end, which is a good one: none is a dead letter. */
export async function completed(database: Database, timeoutMs?: number): Promise<void> {
  await settled(database, timeoutMs);
  assert.deepEqual(
    (await rowsOf(database)).filter(({ status }) => status !== 'completed'),
    [],
  );
}

export async function until(holds: () => boolean | Promise<boolean>, timeoutMs = 10_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error('It did not come true in time');
    await sleep(5);
  }
}
