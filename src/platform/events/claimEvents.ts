import type { BusinessEvent } from '../../../entities/platform/BusinessEvent.ts';
import type { Tx } from '../database/transaction.ts';
import { finishLocked, lease, lockDueAgain, lockPending, putAside, type DueEvent } from './store.ts';

const RANK: Record<BusinessEvent['priority'], number> = { critical: 0, high: 1, normal: 2 };
/** One that a later build has given waits its turn as most do. */
const rankOf = ({ priority }: DueEvent) => (Object.hasOwn(RANK, priority) ? RANK[priority] : RANK.normal);

export interface ClaimOptions {
  nodeId: string;
  /** Types that this node has handlers for. */
  types: readonly string[];
  /** Types whose events end here, those among them: of the others of this build no other node has handlers. */
  own: readonly string[];
  /** Events looked at. */
  maxEvents: number;
  /** Events to handle; more stay for the next claim, or for another node. */
  maxHandled: number;
  maxTakeovers: number;
  /** Whether to look for events whose backoff or lease is over, too. */
  withDueAgain: boolean;
  nowMs: number;
  leaseMs: number;
  /** Further ahead than any deadline is set. */
  maxAheadMs: number;
  /** Does the work of new events within this transaction; absent: all are leased. */
  atOnce?: AtOnce | undefined;
}

export interface AtOnce {
  takes(type: string): boolean;
  /** @returns those that have still to wait; throws where one fails */
  handle(events: readonly DueEvent[], tx: Tx): Promise<ReadonlySet<DueEvent>>;
}

export interface Claimed {
  /** Leased to this node, the most urgent first. */
  events: DueEvent[];
  /** Done within the claim, or handled by nobody. */
  completed: number;
  /** Put aside: of types that other nodes handle, or another build knows. */
  aside: number;
  /** Given up: their nodes died each time. */
  dead: number[];
  /** Whether there may be more at once. */
  isFull: boolean;
}

/**
 * One short transaction: leases events that have handlers here and completes those of this build that nobody handles, without a
 * second write for them. What is new and has handlers of batches alone is done here: one commit instead of three, and no lease to
 * write. Those that other nodes alone handle, or a later build knows (RE-7), are put aside for them, or they would be looked at
 * again by every claim. At most six statements, beside those of the handlers.
 */
export async function claimEvents(tx: Tx, options: ClaimOptions): Promise<Claimed> {
  const { nodeId, types, own, maxEvents, maxHandled, maxTakeovers, withDueAgain } = options;
  const { nowMs, leaseMs, maxAheadMs } = options;
  // Half of the place at most, so that many failures do not stop what is new.
  const query = { types, own, limit: Math.ceil(maxHandled / 2) };
  const again = withDueAgain ? await lockDueAgain(tx, query, { nowMs, farMs: nowMs + maxAheadMs }) : [];
  const pending = await lockPending(tx, { types, limit: maxEvents });
  const isDead = (event: DueEvent) => event.isAbandoned && event.takeovers >= maxTakeovers;
  const found = [...again, ...pending];
  const dead = found.filter(isDead).map(({ eventId }) => eventId);
  const isOwn = ({ type }: DueEvent) => own.includes(type);
  const unhandled = found.filter((event) => !isDead(event) && event.json === null && isOwn(event));
  const foreign = pending.filter((event) => event.json === null && !isOwn(event));
  const handled = found.filter((event) => !isDead(event) && event.json !== null);
  const chosen = handled.slice(0, maxHandled).sort((a, b) => rankOf(a) - rankOf(b) || a.eventId - b.eventId);
  const done = await doneAtOnce(tx, chosen, options);
  const events = chosen.filter((event) => !done.has(event));
  const idsOf = (of: Iterable<DueEvent>) => Array.from(of, ({ eventId }) => eventId);
  await finishLocked(tx, idsOf([...unhandled, ...done]), { status: 'completed', nowMs });
  await finishLocked(tx, dead, { status: 'dead_letter', nowMs });
  await putAside(tx, idsOf(foreign));
  await lease(tx, { nodeId, eventIds: idsOf(events) }, nowMs + leaseMs);
  const isFull = pending.length === maxEvents || chosen.length < handled.length;
  return { events, completed: unhandled.length + done.size, aside: foreign.length, dead, isFull };
}

async function doneAtOnce(
  tx: Tx,
  chosen: readonly DueEvent[],
  { atOnce }: ClaimOptions,
): Promise<ReadonlySet<DueEvent>> {
  if (atOnce === undefined) return new Set();
  // What has failed, or has lost its node, might take the others back with it.
  const isNew = (event: DueEvent) => !event.isAbandoned && event.attempts === 0 && event.takeovers === 0;
  const events = chosen.filter((event) => isNew(event) && atOnce.takes(event.type));
  if (events.length === 0) return new Set();
  const waiting = await atOnce.handle(events, tx);
  return new Set(events.filter((event) => !waiting.has(event)));
}
