/** The relay's statements. None of them grows in number with the events it is given. */
import { In } from 'typeorm';
import { BusinessEvent } from '../../../entities/platform/BusinessEvent.ts';
import { EventHandling } from '../../../entities/platform/EventHandling.ts';
import { insertAll } from '../database/bulk.ts';
import { fromSqlTime, sqlTime } from '../database/sqlValues.ts';
import type { Database, Tx } from '../database/transaction.ts';

export interface DueEvent {
  eventId: number;
  type: string;
  userId: number | null;
  /** JSON as stored; null where this node does not handle the type. */
  json: string | null;
  createdAtMs: number;
  isSimulated: boolean;
  priority: BusinessEvent['priority'];
  attempts: number;
  takeovers: number;
  /** Whether its lease has run out: its node died, or lost the database. */
  isAbandoned: boolean;
}

interface DueRow {
  event_id: number;
  event_type: string;
  user_id: number | null;
  event_data: string | null;
  created_at: Date | string;
  is_simulated: number | boolean;
  priority: BusinessEvent['priority'];
  status: string;
  attempts: number;
  takeovers: number;
}

export interface DueQuery {
  /** The data of other types is not read. */
  types: readonly string[];
  limit: number;
}

/** Locks pending events, the most urgent first; those that another node is just claiming are left out. */
export async function lockPending(tx: Tx, query: DueQuery): Promise<DueEvent[]> {
  return lockDue(tx, query, `status = 'pending'`, []);
}

/**
 * Locks events whose backoff or lease is over, or ends later than any is set. The index finds them among the few that are failed
 * or processing. Those that other nodes handle, or another build knows, are theirs to try again.
 */
export async function lockDueAgain(
  tx: Tx,
  { own, ...query }: DueQuery & { own: readonly string[] },
  { nowMs, farMs }: { nowMs: number; farMs: number },
): Promise<DueEvent[]> {
  const condition = `status IN ('failed', 'processing') AND (available_at <= ? OR available_at > ?) AND event_type IN (?)`;
  const types = own.length === 0 ? [''] : own;
  return lockDue(tx, query, condition, [sqlTime(nowMs), sqlTime(farMs), types]);
}

/** Of locked rows: no claim of a node whose own they are not looks at them again. */
export async function putAside(tx: Tx, eventIds: readonly number[]): Promise<void> {
  if (eventIds.length === 0) return;
  await tx.manager.update(BusinessEvent, { event_id: In(eventIds) }, { status: 'unknown' });
}

/** One look, at what is nobody's yet. */
export async function isPending(database: Database): Promise<boolean> {
  const rows = await database.readCurrent(`SELECT 1 FROM business_events WHERE status = 'pending' LIMIT 1`);
  return rows.length > 0;
}

/** Where a walk along the events that were put aside has come to. */
export interface AsidePosition {
  priority: string;
  eventId: number;
}

/** The next events that were put aside, in the order of the index. */
export async function readAside(
  database: Database,
  { priority, eventId }: AsidePosition,
  limit: number,
): Promise<(AsidePosition & { type: string })[]> {
  const rows = await database.readCurrent<{ event_id: number; priority: string; event_type: string }>(
    `SELECT event_id, priority, event_type FROM business_events
     WHERE status = 'unknown' AND (priority > ? OR (priority = ? AND event_id > ?))
     ORDER BY priority, event_id LIMIT ${limit}`,
    [priority, priority, eventId],
  );
  return rows.map((row) => ({ eventId: row.event_id, priority: row.priority, type: row.event_type }));
}

export async function takeBack(tx: Tx, eventIds: readonly number[]): Promise<number> {
  const aside = { event_id: In(eventIds), status: 'unknown' } as const;
  const { affected } = await tx.manager.update(BusinessEvent, aside, { status: 'pending' });
  return affected ?? 0;
}

async function lockDue(
  tx: Tx,
  { types, limit }: DueQuery,
  condition: string,
  parameters: unknown[],
): Promise<DueEvent[]> {
  // A transaction that waited for another node's rows would find them taken; on SQLite the mutex is the lock (DB-3).
  const lock = tx.dialect === 'mysql' ? ' FOR UPDATE SKIP LOCKED' : '';
  // Statistics of a queue are always old: by them, reading and sorting the whole table may look cheap.
  const index = tx.dialect === 'mysql' ? ' FORCE INDEX (business_events_due)' : '';
  const rows = await tx.query<DueRow>(
    `SELECT event_id, event_type, user_id, CASE WHEN event_type IN (?) THEN event_data END AS event_data, created_at,
       is_simulated, priority, status, attempts, takeovers
     FROM business_events${index} WHERE ${condition} ORDER BY priority, event_id LIMIT ${limit}${lock}`,
    [types.length === 0 ? [''] : types, ...parameters],
  );
  return rows.map((row) => ({
    eventId: row.event_id,
    type: row.event_type,
    userId: row.user_id,
    json: row.event_data,
    createdAtMs: fromSqlTime(row.created_at),
    isSimulated: Boolean(row.is_simulated),
    priority: row.priority,
    attempts: row.attempts,
    takeovers: row.takeovers,
    isAbandoned: row.status === 'processing',
  }));
}

export interface Claim {
  nodeId: string;
  eventIds: readonly number[];
}

/** Of locked rows: they are this node's until `untilMs`. */
export async function lease(tx: Tx, { nodeId, eventIds }: Claim, untilMs: number): Promise<void> {
  if (eventIds.length === 0) return;
  // `takeovers` first: MySQL assigns from left to right, and would see the new status.
  await tx.execute(
    `UPDATE business_events
     SET takeovers = takeovers + CASE WHEN status = 'processing' THEN 1 ELSE 0 END, status = 'processing',
       claimed_by = ?, available_at = ?
     WHERE event_id IN (?)`,
    [nodeId, sqlTime(untilMs), eventIds],
  );
}

/** Of locked rows: they have come to their end. */
export async function finishLocked(
  tx: Tx,
  eventIds: readonly number[],
  end: { status: 'completed' | 'dead_letter'; nowMs: number },
): Promise<void> {
  if (eventIds.length === 0) return;
  await tx.execute(
    'UPDATE business_events SET status = ?, processed_at = ?, available_at = NULL WHERE event_id IN (?)',
    [end.status, sqlTime(end.nowMs), eventIds],
  );
}

/** What an earlier holder of a claim says counts no more. */
const STILL_OURS = `event_id IN (?) AND status = 'processing' AND claimed_by = ?`;

export async function renew(tx: Tx, { nodeId, eventIds }: Claim, untilMs: number): Promise<void> {
  if (eventIds.length === 0) return;
  const sql = `UPDATE business_events SET available_at = ? WHERE ${STILL_OURS}`;
  await tx.execute(sql, [sqlTime(untilMs), eventIds, nodeId]);
}

export async function complete(tx: Tx, { nodeId, eventIds }: Claim, nowMs: number): Promise<void> {
  if (eventIds.length === 0) return;
  await tx.execute(
    `UPDATE business_events SET status = 'completed', processed_at = ?, available_at = NULL WHERE ${STILL_OURS}`,
    [sqlTime(nowMs), eventIds, nodeId],
  );
}

/** Gives claims back as they were found, for any node to take at once. */
export async function release(tx: Tx, { nodeId, eventIds }: Claim, nowMs: number): Promise<void> {
  if (eventIds.length === 0) return;
  await tx.execute(
    `UPDATE business_events
     SET status = CASE WHEN attempts = 0 THEN 'pending' ELSE 'failed' END, available_at = ?, claimed_by = NULL
     WHERE ${STILL_OURS}`,
    [sqlTime(nowMs), eventIds, nodeId],
  );
}

/** Leaves claims until then, as they were: they wait for others (RE-6). */
export async function putOff(tx: Tx, { nodeId, eventIds }: Claim, untilMs: number): Promise<void> {
  if (eventIds.length === 0) return;
  await tx.execute(
    `UPDATE business_events SET status = 'failed', available_at = ?, claimed_by = NULL WHERE ${STILL_OURS}`,
    [sqlTime(untilMs), eventIds, nodeId],
  );
}

export interface Failure {
  eventId: number;
  error: string;
}

export interface FailedTry {
  nodeId: string;
  /** Failed tries with this one. */
  attempts: number;
  failures: readonly Failure[];
  /** When to try again; undefined: never, it is a dead letter. */
  againAtMs: number | undefined;
  nowMs: number;
}

export async function fail(tx: Tx, tried: FailedTry): Promise<void> {
  const { nodeId, attempts, failures, againAtMs, nowMs } = tried;
  const cases = failures.map(() => 'WHEN ? THEN ?').join(' ');
  const isDead = againAtMs === undefined;
  await tx.execute(
    `UPDATE business_events SET status = ?, attempts = ?, available_at = ?, processed_at = ?,
       last_error = CASE event_id ${cases} END
     WHERE ${STILL_OURS}`,
    [
      isDead ? 'dead_letter' : 'failed',
      attempts,
      isDead ? null : sqlTime(againAtMs),
      isDead ? sqlTime(nowMs) : null,
      ...failures.flatMap(({ eventId, error }) => [eventId, error]),
      failures.map(({ eventId }) => eventId),
      nodeId,
    ],
  );
}

/**
 * Returns for which of the events the handler's work is still to be done. A second delivery waits here for the first one's commit,
 * and fails by the key: the transaction is tried again, and finds the marks.
 */
export async function markHandled(
  tx: Tx,
  { eventIds, handler, nowMs }: { eventIds: readonly number[]; handler: string; nowMs: number },
): Promise<ReadonlySet<number>> {
  const marks = await marksOf(tx, eventIds, handler);
  const done = new Set(marks.map(({ event_id: eventId }) => eventId));
  const open = eventIds.filter((eventId) => !done.has(eventId));
  const handled_at = new Date(nowMs);
  const rows = open.map((eventId) => ({ event_id: eventId, handler, handled_at }));
  await insertAll(tx, EventHandling, rows);
  return new Set(open);
}

/** Where the ids are close together one look at their range is cheaper than one for each, and most have no mark. */
async function marksOf(
  tx: Tx,
  eventIds: readonly number[],
  handler: string,
): Promise<{ event_id: number }[]> {
  const least = eventIds.reduce((a, b) => Math.min(a, b));
  const most = eventIds.reduce((a, b) => Math.max(a, b));
  const isClose = most - least < 4 * eventIds.length;
  return tx.query(
    `SELECT event_id FROM event_handlings WHERE ${isClose ? 'event_id BETWEEN ? AND ?' : 'event_id IN (?)'} AND handler = ?`,
    [...(isClose ? [least, most] : [eventIds]), handler],
  );
}

/** Returns whether it was a dead letter. */
export async function revive(tx: Tx, eventId: number): Promise<boolean> {
  const { affected } = await tx.manager.update(
    BusinessEvent,
    { event_id: eventId, status: 'dead_letter' },
    {
      ...{ status: 'pending', attempts: 0, takeovers: 0 },
      ...{ available_at: null, processed_at: null, claimed_by: null },
    },
  );
  return affected === 1;
}
