import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { claimEvents, type Claimed } from './claimEvents.ts';
import { handleEvent, type HandlingServices } from './handleEvent.ts';
import {
  complete,
  fail,
  readAside,
  release,
  renew,
  takeBack,
  type AsidePosition,
  type DueEvent,
  type Failure,
} from './store.ts';
import { localWake, type Wake } from '../cluster/wake.ts';

export interface RelayOptions extends HandlingServices {
  /** Unlike that of any other node, and of this node's earlier lives. */
  nodeId: string;
  wake?: Wake;
  settings?: Partial<RelaySettings>;
}

export interface RelaySettings {
  /** Events one claim looks at; those that nobody handles are completed by it. */
  maxEvents: number;
  /** Events one claim leases to this node. */
  maxHandled: number;
  /** Handlers running at once, each with a connection of the pool. */
  concurrency: number;
  /** After this long without a sign of life a node's claims are anyone's. */
  leaseMs: number;
  maxAttempts: number;
  /** Deaths of nodes after which an event is taken for their cause. */
  maxTakeovers: number;
  /** Before the second try; four times as long before each later one. */
  backoffMs: number;
  maxBackoffMs: number;
  /** Polling starts with this and doubles while there is nothing to do. */
  minPollMs: number;
  maxPollMs: number;
  /** Events that were put aside and are looked at with one sweep, of a few seconds each. */
  maxAside: number;
  /** Between two claims of which the first found no more than it could take: commits come faster than that. */
  claimGapMs: number;
}

const SETTINGS: RelaySettings = {
  maxEvents: 500,
  maxHandled: 64,
  concurrency: 4,
  leaseMs: 30_000,
  maxAttempts: 3,
  maxTakeovers: 10,
  backoffMs: 1000,
  maxBackoffMs: 60_000,
  minPollMs: 250,
  maxPollMs: 5000,
  maxAside: 1000,
  claimGapMs: 50,
};

const FIRST_ASIDE: AsidePosition = { priority: '', eventId: 0 };

/*
 * Brings committed events to their handlers (E-2), on any number of nodes over one outbox (E-5).
 *
 * States of an event; the relay that holds the claim changes them, and retryDeadLetter:
 *
 *   pending ──────→ processing ──────→ completed      every handler has its mark
 *      │               │   ↑   └─────→ dead_letter    the third try failed (or its nodes died ten times)
 *      │               ↓   │                │
 *      │             failed┘                └──→ pending      by an administrator, with all tries again
 *      ├─→ completed                        a type of this build that nobody handles: by the claim itself, in bulk
 *      └─→ unknown ──→ pending              a type of a later build (RE-7): put aside by the claim, taken back by a node that
 *                                           knows it
 *
 *   pending      written by emitEvents, claimed most urgent first, then by event_id
 *   processing   leased to `claimed_by` until `available_at`, renewed while it works. A lease that ran out is anyone's to
 *                take: processing → processing, and `takeovers` counts it. A relay that stops gives back what it has not
 *                started: processing → pending or failed
 *   failed       a try failed, `attempts` counts it; due again at `available_at`
 *
 * A deadline that is further ahead than any is set was written by a clock that has stepped back since (TIME-1): it is due.
 *
 * A handler's work and its mark in event_handlings are one transaction. So it is done once whatever happens to the claim:
 * node clocks that differ, a lease that ran out under a living node, a completion that was lost. Claims save work; the marks
 * are what is relied on.
 *
 * Events that are handled at the same time, or tried again, finish in any order.
 *
 * States of a relay: created → running → stopped. One loop claims, handles, settles, and rests until it is notified, woken
 * by another node, or its poll is due.
 */
export class EventRelay {
  private readonly settings: RelaySettings;
  private readonly wake: Wake;
  private isRunning = false;
  private isHandling = false;
  private loop: Promise<void> | undefined;
  private leaveWake: (() => void) | undefined;
  private isNotified = false;
  /** Goes round: what was put aside meanwhile is looked at in the next round. */
  private aside = FIRST_ASIDE;
  private endRest: (() => void) | undefined;

  constructor(private readonly options: RelayOptions) {
    const { nodeId, wake = localWake(), settings } = options;
    if (nodeId.length > 64) throw new RangeError('A node id has at most 64 characters');
    this.wake = wake;
    this.settings = { ...SETTINGS, ...settings };
  }

  start(): void {
    if (this.loop !== undefined) throw new Error('A relay is started once');
    this.isRunning = true;
    this.leaveWake = this.wake.subscribe(() => this.rouse());
    this.loop = this.run();
  }

  /** Events were committed here. Costs nothing, so that every commit may call it. */
  notify(): void {
    // This node is busy: the others may be free.
    if (this.isHandling && !this.isNotified) this.wake.publish();
    this.rouse();
  }

  /** Lets running handlers finish and gives back the other claims. Nothing runs once it has resolved. */
  async stop(): Promise<void> {
    this.isRunning = false;
    this.leaveWake?.();
    this.leaveWake = undefined;
    this.rouse();
    await this.loop;
  }

  private rouse(): void {
    this.isNotified = true;
    this.endRest?.();
  }

  private async run(): Promise<void> {
    const { minPollMs, maxPollMs, claimGapMs } = this.settings;
    let pollMs = minPollMs;
    let sweepAt = 0;
    while (this.isRunning) {
      this.isNotified = false;
      const startedAt = performance.now();
      const withDueAgain = startedAt >= sweepAt;
      const turn = await this.turn(withDueAgain);
      pollMs = turn === 'idle' ? Math.min(2 * pollMs, maxPollMs) : minPollMs;
      if (withDueAgain) sweepAt = startedAt + pollMs;
      if (turn === 'more') {
        // SQLite answers without leaving this thread: sockets get their turn here.
        await nextTurn();
        continue;
      }
      await this.rest(turn === 'failed' ? maxPollMs : pollMs);
      const gapMs = startedAt + claimGapMs - performance.now();
      if (this.isRunning && gapMs > 0) await sleep(gapMs);
    }
  }

  /** One claim and its work. A database that does not answer is tried again later; what was claimed waits for its lease. */
  private async turn(withDueAgain: boolean): Promise<'more' | 'done' | 'idle' | 'failed'> {
    try {
      if (withDueAgain) await this.takeBackKnown();
      const { events, completed, aside, dead, isFull } = await this.claim(withDueAgain);
      if (dead.length > 0) {
        this.options.logger.error({ eventIds: dead }, 'events are given up: their nodes died each time');
      }
      if (events.length > 0) await this.work(events);
      if (isFull) return 'more';
      return events.length + completed + aside + dead.length > 0 ? 'done' : 'idle';
    } catch (error) {
      this.options.logger.warn({ err: error }, 'the event relay could not claim or settle events');
      return 'failed';
    }
  }

  private claim(withDueAgain: boolean): Promise<Claimed> {
    const { database, clock, nodeId, handlers } = this.options;
    const { maxEvents, maxHandled, maxTakeovers, leaseMs, maxBackoffMs } = this.settings;
    const maxAheadMs = 2 * Math.max(leaseMs, maxBackoffMs);
    const limits = { maxEvents, maxHandled, maxTakeovers, leaseMs, maxAheadMs };
    return database.retryingTransaction((tx) =>
      claimEvents(tx, {
        nodeId,
        types: handlers.types(),
        known: handlers.knownTypes(),
        withDueAgain,
        nowMs: clock.nowMs(),
        ...limits,
      }),
    );
  }

  /** Events that an earlier build has put aside for this one. A hundred thousand that are not take many short looks. */
  private async takeBackKnown(): Promise<void> {
    const { database, handlers } = this.options;
    const { maxAside } = this.settings;
    const looked = await readAside(database, this.aside, maxAside);
    const known = new Set(handlers.knownTypes());
    const eventIds = looked.filter(({ type }) => known.has(type)).map(({ eventId }) => eventId);
    if (eventIds.length > 0) await database.retryingTransaction((tx) => takeBack(tx, eventIds));
    this.aside = looked.length < maxAside ? FIRST_ASIDE : looked.at(-1)!;
  }

  private async work(events: readonly DueEvent[]): Promise<void> {
    const waiting = [...events];
    const failures = new Map<DueEvent, string>();
    const takeNext = async () => {
      while (this.isRunning) {
        const event = waiting.shift();
        if (event === undefined) return;
        const failure = await handleEvent(this.options, event);
        if (failure !== undefined) failures.set(event, failure);
      }
    };
    const endRenewals = this.renewWhile(events);
    this.isHandling = true;
    try {
      await Promise.all(Array.from({ length: this.settings.concurrency }, takeNext));
    } finally {
      this.isHandling = false;
      await endRenewals();
    }
    await this.settle(events, { failures, unstarted: new Set(waiting) });
  }

  /** Handlers may take longer than a lease. Returns what ends the renewals. */
  private renewWhile(events: readonly DueEvent[]): () => Promise<void> {
    const { database, clock, nodeId, logger } = this.options;
    const { leaseMs } = this.settings;
    const claim = { nodeId, eventIds: events.map(({ eventId }) => eventId) };
    let renewing = Promise.resolve();
    const timer = setInterval(() => {
      renewing = renewing
        .then(() => database.transaction((tx) => renew(tx, claim, clock.nowMs() + leaseMs)))
        .catch((error: unknown) => logger.warn({ err: error }, 'claims of events were not renewed'));
    }, leaseMs / 3);
    return async () => {
      clearInterval(timer);
      await renewing;
    };
  }

  private async settle(
    events: readonly DueEvent[],
    { failures, unstarted }: { failures: Map<DueEvent, string>; unstarted: Set<DueEvent> },
  ): Promise<void> {
    const { database, clock, nodeId } = this.options;
    const nowMs = clock.nowMs();
    const done = events.filter((event) => !failures.has(event) && !unstarted.has(event));
    const idsOf = (of: Iterable<DueEvent>) => Array.from(of, ({ eventId }) => eventId);
    await database.retryingTransaction(async (tx) => {
      await complete(tx, { nodeId, eventIds: idsOf(done) }, nowMs);
      await release(tx, { nodeId, eventIds: idsOf(unstarted) }, nowMs);
      for (const [attempts, failed] of byAttempts(failures)) {
        const againAtMs = this.againAtMs(attempts, nowMs);
        await fail(tx, { nodeId, attempts, failures: failed, againAtMs, nowMs });
      }
    });
    if (unstarted.size > 0) this.wake.publish();
  }

  /** With some chance in it, so that what failed together does not come back together. */
  private againAtMs(attempts: number, nowMs: number): number | undefined {
    const { maxAttempts, backoffMs, maxBackoffMs } = this.settings;
    if (attempts >= maxAttempts) return undefined;
    return nowMs + Math.min(backoffMs * 4 ** (attempts - 1), maxBackoffMs) * (0.5 + Math.random() / 2);
  }

  private async rest(durationMs: number): Promise<void> {
    if (this.isNotified) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, durationMs);
      this.endRest = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.endRest = undefined;
  }
}

/** Failures by the number of tries with this one: at most as many groups, and statements, as there are tries. */
function byAttempts(failures: Map<DueEvent, string>): Map<number, Failure[]> {
  const groups = new Map<number, Failure[]>();
  for (const [{ eventId, attempts }, error] of failures) {
    const group = groups.get(attempts + 1) ?? [];
    group.push({ eventId, error });
    groups.set(attempts + 1, group);
  }
  return groups;
}
