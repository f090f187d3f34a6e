import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { AwaitedTypes } from './awaitedTypes.ts';
import { claimEvents, type AtOnce, type Claimed } from './claimEvents.ts';
import { handleAtOnce, handleEvents, type HandlingServices, type Outcome } from './handleEvents.ts';
import { RELAY_SETTINGS, type RelaySettings } from './relaySettings.ts';
import { settleEvents } from './settleEvents.ts';
import { isPending, readAside, renew, takeBack, type AsidePosition, type DueEvent } from './store.ts';
import { localWake, type Wake } from '../cluster/wake.ts';

export interface RelayOptions extends HandlingServices {
  /** Unlike that of any other node, and of this node's earlier lives. */
  nodeId: string;
  wake?: Wake;
  /** Tells that a node handles something else than before. */
  handlersWake?: Wake;
  settings?: Partial<RelaySettings>;
}

interface Turn {
  turn: 'more' | 'done' | 'idle' | 'failed';
  /** Events that it has found. */
  taken: number;
}

const FIRST_ASIDE: AsidePosition = { priority: '', eventId: 0 };

/*
 * Brings committed events to their handlers (E-2), on any number of nodes over one outbox (E-5).
 *
 * States of an event; emitEvents begins with one, the relay that holds the claim changes them, and retryDeadLetter:
 *
 *   → completed                             nobody in the cluster awaited it when it was written (awaitedTypes.ts)
 *   → pending ──→ processing ──────→ completed      every handler has its mark
 *      │               │   ↑   └─────→ dead_letter    the third try failed (or its nodes died ten times)
 *      │               ↓   │                │
 *      │             failed┘                └──→ pending      by an administrator, with all tries again
 *      ├─→ completed                        new, with handlers of batches alone, all of which have done it within the claim; or
 *      │                                    nobody awaits it any more: by the claim of a build that knows it, in bulk
 *      └─→ unknown ──→ pending              other nodes alone handle it, or a later build knows it (RE-7): put aside by the
 *                                           claim, taken back by a node whose own it is
 *
 *   pending      somebody may await it: claimed most urgent first, then by event_id
 *   processing   leased to `claimed_by` until `available_at`, renewed while it works. A lease that ran out is anyone's to
 *                take: processing → processing, and `takeovers` counts it. A relay that stops gives back what it has not
 *                started: processing → pending or failed
 *   failed       a try failed, `attempts` counts it; due again at `available_at`. Or it waits for an earlier one of its user, which
 *                an ordered handler has still to do (order.ts): that counts as no try
 *
 * A deadline that is further ahead than any is set was written by a clock that has stepped back since (TIME-1): it is due.
 *
 * A handler's work and its marks in event_handlings are one transaction, of many events where the handler takes them so: for new
 * ones that of their claim. Where one fails, all of that is taken back, they are leased, and it is found by halving; the others
 * are done. So it is done once whatever happens to the claim:
 * node clocks that differ, a lease that ran out under a living node, a completion that was lost. Claims save work; the marks
 * are what is relied on.
 *
 * Events that are handled at the same time, or tried again, finish in any order, but where a handler is registered as ordered: of
 * one user, none is handled before an earlier one that is open.
 *
 * Handlers may differ from node to node, as while two builds run. One that is new gets the events that its own node writes from
 * then on, and those of another node from when that one knows of it: once it is woken, with its next sweep at the latest. A
 * node writes down what it handles and reads what others do before it claims anything.
 *
 * States of a relay: created → running → stopped. One loop claims, handles, settles, and rests until it is notified, woken
 * by another node, or its poll is due.
 */
export class EventRelay {
  private readonly settings: RelaySettings;
  private readonly wake: Wake;
  private readonly handlersWake: Wake;
  private readonly awaited: AwaitedTypes;
  private isRunning = false;
  private isHandling = false;
  private loop: Promise<void> | undefined;
  private leaveWakes: (() => void)[] = [];
  private isNotified = false;
  /** Another node handles something else than before. */
  private isTold = false;
  /** Goes round: what was put aside meanwhile is looked at in the next round. */
  private aside = FIRST_ASIDE;
  private endRest: (() => void) | undefined;

  constructor(private readonly options: RelayOptions) {
    const { nodeId, wake = localWake(), handlersWake = localWake(), settings } = options;
    if (nodeId.length > 64) throw new RangeError('A node id has at most 64 characters');
    this.wake = wake;
    this.handlersWake = handlersWake;
    this.settings = { ...RELAY_SETTINGS, ...settings };
    const { believedMs } = this.settings;
    this.awaited = new AwaitedTypes({ ...options, wake: handlersWake, believedMs });
  }

  start(): void {
    if (this.loop !== undefined) throw new Error('A relay is started once');
    this.isRunning = true;
    // Not notified by it: that it is stands for events that other nodes have been woken for.
    const onTold = () => {
      this.isTold = true;
      this.endRest?.();
    };
    this.leaveWakes = [this.wake.subscribe(() => this.rouse()), this.handlersWake.subscribe(onTold)];
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
    for (const leave of this.leaveWakes.splice(0)) leave();
    this.rouse();
    await this.loop;
    this.awaited.stop();
  }

  private rouse(): void {
    this.isNotified = true;
    this.endRest?.();
  }

  private async run(): Promise<void> {
    const { minPollMs, maxPollMs } = this.settings;
    let pollMs = minPollMs;
    let sweepAt = 0;
    while (this.isRunning) {
      this.isNotified = false;
      const startedAt = performance.now();
      const withDueAgain = startedAt >= sweepAt || this.isTold;
      this.isTold = false;
      const { turn, taken } = await this.turn(withDueAgain);
      pollMs = turn === 'idle' ? Math.min(2 * pollMs, maxPollMs) : minPollMs;
      // Nothing is claimed by a relay that does not know what others handle.
      if (withDueAgain) sweepAt = turn === 'failed' ? 0 : startedAt + pollMs;
      if (turn === 'more') {
        // SQLite answers without leaving this thread: sockets get their turn here.
        await nextTurn();
        continue;
      }
      await this.rest(turn === 'failed' ? maxPollMs : pollMs);
      const gapMs = startedAt + this.gapAfter(taken) - performance.now();
      if (this.isRunning && gapMs > 0) await sleep(gapMs);
    }
  }

  /** One claim and its work. A database that does not answer is tried again later; what was claimed waits for its lease. */
  private async turn(withDueAgain: boolean): Promise<Turn> {
    try {
      if (withDueAgain) {
        await this.awaited.exchange();
        await this.takeBackOwn();
      }
      const { events, completed, aside, dead, isFull } = await this.claimAndHandle(withDueAgain);
      if (dead.length > 0) {
        this.options.logger.error({ eventIds: dead }, 'events are given up: their nodes died each time');
      }
      if (events.length > 0) await this.work(events);
      const taken = events.length + completed + aside + dead.length;
      return { turn: isFull ? 'more' : taken > 0 ? 'done' : 'idle', taken };
    } catch (error) {
      this.options.logger.warn({ err: error }, 'the event relay could not claim or settle events');
      return { turn: 'failed', taken: 0 };
    }
  }

  /** Each turn takes a commit at least, whose time the draws share. Where much happens, fewer turns take more each. */
  private gapAfter(taken: number): number {
    const { claimGapMs, busyGapMs, busyEvents } = this.settings;
    return taken >= busyEvents ? busyGapMs : claimGapMs;
  }

  /** Where the work of one cannot be done within the claim, all are leased, and the one that fails is found. */
  private async claimAndHandle(withDueAgain: boolean): Promise<Claimed> {
    const { handlers, logger } = this.options;
    try {
      return await this.claim(withDueAgain, {
        takes: (type) => handlers.takesBatches(type),
        handle: (events, tx) => {
          this.isHandling = true;
          return handleAtOnce(tx, this.options, events);
        },
      });
    } catch (error) {
      logger.debug({ err: error }, 'events were not handled with their claim');
    } finally {
      this.isHandling = false;
    }
    return this.claim(withDueAgain);
  }

  private claim(withDueAgain: boolean, atOnce?: AtOnce): Promise<Claimed> {
    const { database, clock, nodeId, handlers } = this.options;
    const { maxEvents, maxHandled, maxTakeovers, leaseMs, maxBackoffMs } = this.settings;
    const maxAheadMs = 2 * Math.max(leaseMs, maxBackoffMs);
    const limits = { maxEvents, maxHandled, maxTakeovers, leaseMs, maxAheadMs };
    return database.retryingTransaction((tx) =>
      claimEvents(tx, {
        nodeId,
        types: handlers.types(),
        own: this.awaited.own(),
        withDueAgain,
        nowMs: clock.nowMs(),
        atOnce,
        ...limits,
      }),
    );
  }

  /** Events that another node has put aside for this one. A hundred thousand that are not take many short looks. */
  private async takeBackOwn(): Promise<void> {
    const { database } = this.options;
    const { maxAside } = this.settings;
    const looked = await readAside(database, this.aside, maxAside);
    const own = new Set(this.awaited.own());
    const eventIds = looked.filter(({ type }) => own.has(type)).map(({ eventId }) => eventId);
    if (eventIds.length > 0) await database.retryingTransaction((tx) => takeBack(tx, eventIds));
    this.aside = looked.length < maxAside ? FIRST_ASIDE : looked.at(-1)!;
  }

  private async work(events: readonly DueEvent[]): Promise<void> {
    const { concurrency } = this.settings;
    const endRenewals = this.renewWhile(events);
    this.isHandling = true;
    let outcome: Outcome;
    try {
      outcome = await handleEvents(this.options, events, { concurrency, isStopped: () => !this.isRunning });
    } finally {
      this.isHandling = false;
      await endRenewals();
    }
    await this.settle(events, outcome);
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

  private async settle(events: readonly DueEvent[], outcome: Outcome): Promise<void> {
    const { database, clock, nodeId } = this.options;
    const settled = { nodeId, events, outcome, nowMs: clock.nowMs(), settings: this.settings };
    await database.retryingTransaction((tx) => settleEvents(tx, settled));
    if (outcome.unstarted.size > 0) this.wake.publish();
  }

  /** Until it is called, or the poll is due. On the way it looks now and then whether a node has written and called nobody. */
  private async rest(durationMs: number): Promise<void> {
    const { peekMs } = this.settings;
    const endAt = performance.now() + durationMs;
    for (let leftMs = durationMs; leftMs > 0; leftMs = endAt - performance.now()) {
      if (this.isNotified || this.isTold) return;
      await this.pause(Math.min(leftMs, peekMs));
      if (leftMs > peekMs && this.isRunning && (await this.isWork())) return;
    }
  }

  private async isWork(): Promise<boolean> {
    try {
      return await isPending(this.options.database);
    } catch {
      // The next turn meets the database as it is, and tells of it.
      return false;
    }
  }

  private async pause(durationMs: number): Promise<void> {
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
