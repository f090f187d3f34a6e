import type { DataSource } from 'typeorm';
import { BusinessEvent } from '../../../entities/platform/BusinessEvent.ts';
import { insertAll, insertOne } from '../database/bulk.ts';
import type { EventType } from './types.ts';
import type { Tx } from '../database/transaction.ts';

export interface NewEvent {
  type: EventType;
  userId: number | null;
  /** Plain JSON; snake_case names, as handlers and the events API show it. */
  data: object;
  priority?: BusinessEvent['priority'];
}

/** Among the topics of a transaction that wrote events which somebody awaits. */
export const EVENTS_TOPIC = 'events';

/**
 * Writes events in the transaction of the change they tell of, so that none is lost or invented (E-1). Those that nobody in the
 * cluster awaits are written as completed, and no relay touches them.
 */
export async function emitEvents(tx: Tx, events: readonly NewEvent[], nowMs: number): Promise<void> {
  if (events.length === 0) return;
  const created_at = new Date(nowMs);
  const rows = events.map((event) => rowOf(tx, event, created_at));
  if (rows.some(({ status }) => status === 'pending')) tx.topics.add(EVENTS_TOPIC);
  await insertAll(tx, BusinessEvent, rows);
}

/** As `emitEvents`, of a single one. @returns its event_id */
export async function emitEvent(tx: Tx, event: NewEvent, nowMs: number): Promise<number> {
  return emitOne(tx, event, { isSimulated: false, nowMs });
}

/** One that tells of nothing that has happened (RE-11). @returns its event_id */
export async function emitSimulated(tx: Tx, event: NewEvent, nowMs: number): Promise<number> {
  return emitOne(tx, event, { isSimulated: true, nowMs });
}

async function emitOne(
  tx: Tx,
  event: NewEvent,
  { isSimulated, nowMs }: { isSimulated: boolean; nowMs: number },
): Promise<number> {
  const row = rowOf(tx, event, new Date(nowMs));
  if (row.status === 'pending') tx.topics.add(EVENTS_TOPIC);
  return insertOne(tx, BusinessEvent, { ...row, is_simulated: isSimulated });
}

function rowOf(tx: Tx, { type, userId, data, priority = 'normal' }: NewEvent, created_at: Date) {
  return {
    event_type: type,
    user_id: userId,
    event_data: JSON.stringify(data),
    priority,
    created_at,
    ...(isAwaited(tx, type) ? PENDING : { status: 'completed' as const, processed_at: created_at }),
  };
}

const PENDING = { status: 'pending', processed_at: null } as const;

/** Who knows which events are awaited. */
export interface Awaiting {
  isAwaited(type: string): boolean;
}

/** By the database that transactions write to: a process may have several servers, each with its own. */
const heeded = new WeakMap<DataSource, Set<Awaiting>>();

/** From now on all transactions on the database of this one go by what `awaiting` says too. Returns the end of that. */
export function heed(tx: Tx, awaiting: Awaiting): () => void {
  const { dataSource } = tx.manager;
  const all = heeded.get(dataSource) ?? new Set();
  heeded.set(dataSource, all.add(awaiting));
  return () => all.delete(awaiting);
}

/** Where nobody can tell, as in a process without a relay, every event is. */
function isAwaited(tx: Tx, type: string): boolean {
  const all = heeded.get(tx.manager.dataSource);
  if (all === undefined || all.size === 0) return true;
  for (const awaiting of all) if (awaiting.isAwaited(type)) return true;
  return false;
}
