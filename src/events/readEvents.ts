/** Business events as administrators see them. Nothing here reads more rows than it shows, or than LIMITS name. */
import { In, Not } from 'typeorm';
import { AwaitedType } from '../../entities/platform/AwaitedType.ts';
import { BusinessEvent, type EventStatus } from '../../entities/platform/BusinessEvent.ts';
import { EventHandling } from '../../entities/platform/EventHandling.ts';
import {
  countTo,
  listNumbered,
  type LongPage,
  type NumberedQuery,
  type NumberedTable,
} from '../platform/database/numberedList.ts';
import { fromSqlTime } from '../platform/database/sqlValues.ts';
import type { Database } from '../platform/database/transaction.ts';
import { LIMITS } from '../platform/limits.ts';

export const MOST_COUNTED = LIMITS.countedRows;

/** Not completed: there are few of them, and an index leads to each. */
const OPEN = ['pending', 'processing', 'failed', 'dead_letter', 'unknown'] as const satisfies EventStatus[];
export const STATUSES = [...OPEN, 'completed'] as const satisfies EventStatus[];

/** They wait for their handlers. */
const WAITING = ['pending', 'processing', 'failed'] as const satisfies EventStatus[];
const PRIORITIES = ['critical', 'high', 'normal'] as const satisfies BusinessEvent['priority'][];

/** Without its data, which the list does not show. */
export type ListedEvent = Omit<BusinessEvent, 'event_data'>;

const EVENTS: NumberedTable<BusinessEvent> = {
  entity: BusinessEvent,
  key: 'event_id',
  indexed: ['event_type'],
  select: {
    event_id: true,
    event_type: true,
    user_id: true,
    priority: true,
    status: true,
    attempts: true,
    processed_at: true,
    created_at: true,
    is_simulated: true,
  },
};

export interface EventFilter extends NumberedQuery {
  type?: string | undefined;
  status?: EventStatus | undefined;
}

export function listEvents(database: Database, filter: EventFilter): Promise<LongPage<ListedEvent>> {
  const { type, status } = filter;
  // Most are completed: by the index of the status all of them would be sorted.
  const ofStatus = status === 'completed' ? Not(In(OPEN)) : status;
  return listNumbered(database.currentReader, EVENTS, { event_type: type, status: ofStatus }, filter);
}

export interface ReadEvent {
  event: BusinessEvent;
  handlings: EventHandling[];
}

export async function readEvent(database: Database, eventId: number): Promise<ReadEvent | undefined> {
  const [event, handlings] = await Promise.all([
    database.currentReader.findOneBy(BusinessEvent, { event_id: eventId }),
    database.currentReader.find(EventHandling, { where: { event_id: eventId }, order: { handler: 'ASC' } }),
  ]);
  return event === null ? undefined : { event, handlings };
}

/** The types that some node of the cluster has handlers for. */
export async function readHandledTypes(database: Database): Promise<ReadonlySet<string>> {
  const rows = await database.currentReader.find(AwaitedType, { select: { event_type: true } });
  return new Set(rows.map(({ event_type: type }) => type));
}

export interface EventStatistics {
  byStatus: { status: EventStatus; events: number }[];
  recent: { byType: { type: string; events: number }[]; sinceMs: number | null };
  oldestWaitingMs: number | null;
}

export async function readStatistics(database: Database): Promise<EventStatistics> {
  const manager = database.currentReader;
  const count = async (status: EventStatus) => ({
    status,
    events: await countTo(MOST_COUNTED + 1, { manager, entity: BusinessEvent, where: { status } }),
  });
  const [byStatus, recent, oldestWaitingMs] = await Promise.all([
    Promise.all(OPEN.map(count)),
    readRecent(database),
    oldestWaiting(database),
  ]);
  return { byStatus, recent, oldestWaitingMs };
}

export interface EventBacklog {
  /** That wait for their handlers, or for another try; counted to `MOST_COUNTED`. */
  waiting: number;
  deadLetters: number;
  oldestWaitingMs: number | null;
}

export async function readBacklog(database: Database): Promise<EventBacklog> {
  const manager = database.currentReader;
  const count = (statuses: readonly EventStatus[]) =>
    countTo(MOST_COUNTED, { manager, entity: BusinessEvent, where: { status: In([...statuses]) } });
  const [waiting, deadLetters, oldestWaitingMs] = await Promise.all([
    count(WAITING),
    count(['dead_letter']),
    oldestWaiting(database),
  ]);
  return { waiting, deadLetters, oldestWaitingMs };
}

async function readRecent(database: Database): Promise<EventStatistics['recent']> {
  const rows = await database.readCurrent<{ type: string; events: number | string; since: Date | string }>(
    `SELECT event_type AS type, COUNT(*) AS events, MIN(created_at) AS since
     FROM (SELECT event_type, created_at FROM business_events ORDER BY event_id DESC
       LIMIT ${LIMITS.recentEvents}) recent
     GROUP BY event_type ORDER BY event_type`,
  );
  const times = rows.map(({ since }) => fromSqlTime(since));
  return {
    byType: rows.map(({ type, events }) => ({ type, events: Number(events) })),
    sinceMs: times.length === 0 ? null : Math.min(...times),
  };
}

/** The first of each place in the index, however many wait behind it. */
async function oldestWaiting(database: Database): Promise<number | null> {
  const firsts = WAITING.flatMap((status) =>
    PRIORITIES.map(
      (priority) =>
        `(SELECT created_at FROM business_events WHERE status = '${status}' AND priority = '${priority}'
          ORDER BY event_id LIMIT 1) AS ${status}_${priority}`,
    ),
  );
  const [row] = await database.readCurrent<Record<string, Date | string | null>>(
    `SELECT ${firsts.join(', ')}`,
  );
  const times = Object.values(row ?? {}).flatMap((time) => (time === null ? [] : [fromSqlTime(time)]));
  return times.length === 0 ? null : Math.min(...times);
}
