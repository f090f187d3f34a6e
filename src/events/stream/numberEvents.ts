/*
 * The order of the live stream (RE-9): a number for each committed event, growing by one, the same on all nodes. A client that has
 * seen a number has seen everything below it, on whatever node, so its last number is all that it needs to go on.
 *
 * event_id cannot be that number. It is given when a row is inserted, and rows become visible when their transactions commit, in any
 * order: whoever has read up to 7 and goes on from there never sees the 5 that commits later (RE-1). So events are numbered once
 * they are committed, and by nobody but the holder of one row's lock, who keeps it until its own commit. Numbers therefore become
 * visible in their order, and reading by "above the last number" misses nothing. An event of a transaction that was rolled back
 * is never seen by anybody, and has no number (RE-10).
 *
 * What is left is to find the events that have no number, without reading all of them each time. They are above the highest
 * event_id that was looked at, or in a gap below it: the ids that were not there when a higher one was. Gaps are kept in the locked
 * row, and looked at each time. Most are closed by the next time; one whose transaction was rolled back never is. A gap is
 * dropped when it is older than any statement may take AND the database says that nobody has its rows locked: an inserted row is
 * locked until its transaction ends, however long that takes, as that of a process which stands still. Servers that share the
 * writing (DB-10) do not see each other's locks: there the age alone counts, which is a minute. On SQLite one transaction writes
 * at a time, and a gap is nobody's.
 *
 * All of this is done by nodes that somebody listens to, a few times a second, and by nobody else: draws write what they always have.
 * When nobody has listened for long, what is between is not numbered: the numbers leave out as many, and whoever comes with one
 * from before is told so (`resync`).
 */
import { LessThanOrEqual } from 'typeorm';
import { EventStreamHead } from '../../../entities/platform/EventStreamHead.ts';
import { StreamedEvent } from '../../../entities/platform/StreamedEvent.ts';
import type { Clock } from '../../platform/clock.ts';
import { insertAll, insertOne } from '../../platform/database/bulk.ts';
import { isRetryable } from '../../platform/database/driverErrors.ts';
import type { Database, Tx } from '../../platform/database/transaction.ts';
import { LIMITS } from '../../platform/limits.ts';
import { gapsAfter, readGaps, type Gap } from './gaps.ts';

export interface NumberingServices {
  database: Database;
  clock: Clock;
}

const HEAD = { head_id: 1 };
const BATCH = 1000;
/** Longer than any statement is waited for. */
const GAP_MS = 60_000;

interface Head {
  streamId: number;
  eventId: number;
  gaps: Gap[];
}

/** @returns the last number, when all that is committed has one. */
export async function numberEvents(services: NumberingServices): Promise<number> {
  const { database } = services;
  for (;;) {
    const head = await readHead(database);
    if (head !== undefined && (await newIds(database, head, 1)).length === 0) return head.streamId;
    await database.retryingTransaction((tx) => numberBatch(tx, Math.trunc(services.clock.nowMs())));
  }
}

async function readHead(database: Database): Promise<Head | undefined> {
  const row = await database.currentReader.findOneBy(EventStreamHead, HEAD);
  return row === null ? undefined : headOf(row);
}

function headOf({ stream_id: streamId, event_id: eventId, gaps }: EventStreamHead): Head {
  return { streamId, eventId, gaps: readGaps(gaps) };
}

async function lockHead(tx: Tx): Promise<Head> {
  const [row] = await tx.lock(EventStreamHead, { where: HEAD });
  if (row !== undefined) return headOf(row);
  // Of two nodes that begin at once the second comes again.
  await insertOne(tx, EventStreamHead, { ...HEAD, stream_id: 0, event_id: 0, gaps: '[]' });
  return { streamId: 0, eventId: 0, gaps: [] };
}

async function numberBatch(tx: Tx, nowMs: number): Promise<void> {
  const head = await lockHead(tx);
  const [row] = await tx.query<{ newest: number | string | null }>(
    'SELECT MAX(event_id) AS newest FROM business_events',
  );
  const newest = Number(row?.newest ?? 0);
  if (newest - head.eventId > LIMITS.streamedEvents) await skipAhead(tx, head, { newest, nowMs });
  else await storeNumbers(tx, head, { eventIds: await newIds(inTx(tx), head, BATCH), nowMs });
}

/**
 * Nobody has listened for long. Of the newest events some are numbered; gaps are looked for as far back as numbers are kept: a
 * transaction that began before those, and has not ended, is told of by nobody.
 */
async function skipAhead(
  tx: Tx,
  head: Head,
  { newest, nowMs }: { newest: number; nowMs: number },
): Promise<void> {
  const from = newest - LIMITS.streamedEvents;
  const rows = await tx.query<{ event_id: number }>(
    'SELECT event_id FROM business_events WHERE event_id > ? ORDER BY event_id',
    [from],
  );
  const all = rows.map(({ event_id: eventId }) => eventId);
  const eventIds = all.slice(-LIMITS.eventsInMemory);
  const gaps = gapsOn(tx, gapsAfter([], { eventIds: all, newest: from, nowMs }));
  // Numbers that are left out tell that something is.
  const skipped = Math.max(1, newest - head.eventId - eventIds.length);
  await insertNumbers(tx, eventIds, head.streamId + skipped);
  await storeHead(tx, {
    streamId: head.streamId + skipped + eventIds.length,
    eventId: all.at(-1) ?? newest,
    gaps,
  });
}

async function storeNumbers(
  tx: Tx,
  head: Head,
  { eventIds, nowMs }: { eventIds: readonly number[]; nowMs: number },
): Promise<void> {
  if (eventIds.length === 0) return;
  await insertNumbers(tx, eventIds, head.streamId);
  await storeHead(tx, {
    streamId: head.streamId + eventIds.length,
    eventId: Math.max(head.eventId, eventIds.at(-1)!),
    gaps: gapsOn(tx, gapsAfter(head.gaps, { eventIds, newest: head.eventId, nowMs })),
  });
}

function gapsOn(tx: Tx, gaps: Gap[]): Gap[] {
  return tx.dialect === 'sqlite' ? [] : gaps;
}

async function insertNumbers(tx: Tx, eventIds: readonly number[], after: number): Promise<void> {
  const rows = eventIds.map((eventId, at) => ({ stream_id: after + 1 + at, event_id: eventId }));
  await insertAll(tx, StreamedEvent, rows);
}

async function storeHead(tx: Tx, { streamId, eventId, gaps }: Head): Promise<void> {
  const row = { stream_id: streamId, event_id: eventId, gaps: JSON.stringify(gaps) };
  await tx.manager.update(EventStreamHead, HEAD, row);
  // Not what is between gaps: it would be taken for new.
  const firstOpen = gaps[0]?.from ?? eventId;
  await tx.manager.delete(StreamedEvent, {
    stream_id: LessThanOrEqual(streamId - LIMITS.streamedEvents),
    event_id: LessThanOrEqual(firstOpen),
  });
}

interface Reading {
  query<Row>(sql: string, parameters: unknown[]): Promise<Row[]>;
}

function inTx(tx: Tx): Reading {
  return { query: (sql, parameters) => tx.query(sql, parameters) };
}

/** Committed, and without a number. */
async function newIds(source: Database | Reading, { eventId, gaps }: Head, limit: number): Promise<number[]> {
  const inGaps = gaps.map(() => ' OR event_id BETWEEN ? AND ?').join('');
  const sql = `SELECT event_id FROM business_events WHERE (event_id > ?${inGaps})
      AND NOT EXISTS (SELECT 1 FROM event_stream s WHERE s.event_id = business_events.event_id)
    ORDER BY event_id LIMIT ${limit}`;
  const parameters = [eventId, ...gaps.flatMap(({ from, to }) => [from, to])];
  const rows = await ('query' in source
    ? source.query<{ event_id: number }>(sql, parameters)
    : source.readCurrent<{ event_id: number }>(sql, parameters));
  return rows.map((row) => row.event_id);
}

/** Looks no longer for what cannot come. Now and then is often enough. */
export async function dropGaps({ database, clock }: NumberingServices): Promise<void> {
  const head = await readHead(database);
  const old = (head?.gaps ?? []).filter(({ noticedMs }) => clock.nowMs() - noticedMs > GAP_MS);
  const nobodys: Gap[] = [];
  for (const gap of old) if (await isNobodys(database, gap)) nobodys.push(gap);
  if (nobodys.length === 0) return;
  await database.retryingTransaction(async (tx) => {
    const { gaps, ...rest } = await lockHead(tx);
    const isOver = (gap: Gap) => nobodys.some(({ from, to }) => gap.from === from && gap.to === to);
    await storeHead(tx, { ...rest, gaps: gaps.filter((gap) => !isOver(gap)) });
  });
}

/** Whether no transaction has inserted any of these. */
async function isNobodys(database: Database, { from, to }: Gap): Promise<boolean> {
  try {
    const rows = await database.transaction((tx) =>
      tx.query('SELECT event_id FROM business_events WHERE event_id BETWEEN ? AND ? FOR UPDATE NOWAIT', [
        from,
        to,
      ]),
    );
    return rows.length === 0;
  } catch (error) {
    if (isRetryable(error) || (error as { code?: unknown }).code === 'ER_LOCK_NOWAIT') return false;
    throw error;
  }
}
