import type { Clock } from '../clock.ts';
import type { Database } from '../database/transaction.ts';
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

/**
 * Runs the handlers of one event, each in a transaction of its own with its mark; one that fails does not stop the others, and
 * those whose mark is there are passed over.
 * @returns the first failure as a row may keep it, or undefined when every handler has done its work.
 */
export async function handleEvent(services: HandlingServices, due: DueEvent): Promise<string | undefined> {
  const { handlers, logger } = services;
  let failure: string | undefined;
  const onFailure = (error: unknown, handler?: string) => {
    const { eventId, type, attempts } = due;
    logger.warn({ err: error, eventId, type, handler, attempt: attempts + 1 }, 'an event was not handled');
    failure ??= failureText(error);
  };
  let event: DomainEvent;
  try {
    event = toEvent(due);
  } catch (error) {
    onFailure(error);
    return failure;
  }
  for (const registration of handlers.take(due.type)) {
    try {
      if (!(await runOnce(services, event, registration))) handlers.putBack(registration);
    } catch (error) {
      handlers.putBack(registration);
      onFailure(error, registration.name);
    }
  }
  return failure;
}

/** Returns whether the handler ran: not when its mark was there. */
async function runOnce(
  { database, clock }: HandlingServices,
  event: DomainEvent,
  { name, handle }: Registration,
): Promise<boolean> {
  return database.retryingTransaction(async (tx) => {
    const mark = { eventId: event.eventId, handler: name, nowMs: clock.nowMs() };
    if (!(await markHandled(tx, mark))) return false;
    await handle(event, tx);
    return true;
  });
}

function toEvent({ eventId, type, userId, json, createdAtMs }: DueEvent): DomainEvent {
  return { eventId, type, userId, data: JSON.parse(json ?? 'null') as unknown, createdAtMs };
}
