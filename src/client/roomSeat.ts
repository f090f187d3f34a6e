import type { Room } from '@colyseus/sdk';
import { asKaijiangError, KaijiangError } from './kaijiangError.ts';
import { Backoff, deferred, limitBy, retryAfterMs, unlessAborted, type Deferred } from './patience.ts';
import { handTokensOver, type TokenSource } from './tokenHandover.ts';
import { Visit } from './visit.ts';

/** A connection that held for so long ended by chance: the way back begins without a pause. */
const STEADY_MS = 2000;
const FIRST_STATE_TIMEOUT_MS = 10_000;
/** The code of a connection that sent too much: the way back begins with a pause. */
const TOO_FAST = 4429;
const TOO_FAST_PAUSE_MS = 2000;
/** While a room changes hands it may not be found for a moment. */
const NOT_FOUND_TRIES = 5;
/** A fault that stays is not a passing one. */
const INTERNAL_TRIES = 5;

export type SeatEvent =
  /** An attempt to join; `failure` is how the one before it ended. */
  | { status: 'connecting'; attempt: number; failure: KaijiangError | undefined }
  | { status: 'live'; isRejoin: boolean }
  /**
   * Without `final` the seat joins again. `closeCode` is undefined when the room asked for that by `moved`, and after a
   * last refused attempt.
   */
  | { status: 'lost'; closeCode: number | undefined; final: KaijiangError | undefined };

export type SeatStatus = SeatEvent['status'];

/** How a seat gets to its room. */
export interface SeatDoor {
  /** One attempt, through the load balancer. @throws KaijiangError */
  enter(): Promise<Room>;
  onStatus?: ((event: SeatEvent) => void) | undefined;
  /** Told of each type of message that was answered. It must not throw. */
  onDone?: ((type: string) => void) | undefined;
  /** Absent: the room is told of no token after the one that was joined with. */
  tokens?: TokenSource;
}

export interface RequestOptions {
  /** Gives up: the request is rejected with the signal's reason. The server may have done it. */
  signal?: AbortSignal | undefined;
  /** Told why the request is sent again. */
  onRetry?: ((error: KaijiangError) => void) | undefined;
}

/*
 * A place in a room, kept through anything. What a kind of room adds is its messages and the type of its state.
 *
 * connecting → live → lost → connecting …, told in this order to the listeners; over (`final`) once it is left, or a join is
 * refused for good. After any end of a connection that was not asked for (1006 and 4001 above all), and after `moved`, the
 * seat joins anew by its door: at once the first time, then after 50 ms … 2 s.
 *
 * A request is sent until it is answered, always with the same content: whatever changes something carries an id of its own,
 * by which the server does it once (DRAW-4).
 */
export class RoomSeat<State> {
  private visit: Visit<State> | undefined;
  private state_: State | undefined;
  private status_: SeatStatus = 'connecting';
  private nextVisit!: Deferred<Visit<State>>;
  private final: KaijiangError | undefined;
  private hasBeenLive = false;
  private readonly over = new AbortController();
  private readonly running: Promise<void>;
  private readonly statusListeners = new Set<(event: SeatEvent) => void>();
  private readonly stateListeners = new Set<(state: State) => void>();
  private readonly messageListeners = new Map<string, Set<(payload: unknown) => void>>();

  constructor(private readonly door: SeatDoor) {
    if (door.onStatus !== undefined) this.statusListeners.add(door.onStatus);
    this.awaitVisit();
    this.running = this.stay();
  }

  /** Resolves when the seat is live. @throws KaijiangError when it is over */
  async ready(signal?: AbortSignal): Promise<void> {
    await unlessAborted(this.nextVisit.promise, signal);
  }

  get status(): SeatStatus {
    return this.status_;
  }

  /** The synced state; while the connection is lost, what it was last. To be read only. */
  get state(): State {
    if (this.state_ === undefined) throw new Error('The seat has not been live yet');
    return this.state_;
  }

  /** @returns takes the listener away */
  onStatus(listener: (event: SeatEvent) => void): () => void {
    this.statusListeners.add(listener);
    return () => this.statusListeners.delete(listener);
  }

  onState(listener: (state: State) => void): () => void {
    this.stateListeners.add(listener);
    return () => this.stateListeners.delete(listener);
  }

  onMessage<Payload>(type: string, listener: (payload: Payload) => void): () => void {
    const listeners = this.messageListeners.get(type) ?? new Set();
    this.messageListeners.set(type, listeners.add(listener as (payload: unknown) => void));
    return () => listeners.delete(listener as (payload: unknown) => void);
  }

  /** Says goodbye. Requests under way are rejected with CLOSED. */
  async leave(): Promise<void> {
    this.finish(new KaijiangError('CLOSED', { message: 'the seat was left' }));
    await this.visit?.leave();
    await this.running;
  }

  /** @throws KaijiangError when it is refused for good, or the seat is over */
  async request<Reply>(type: string, payload: unknown, options: RequestOptions = {}): Promise<Reply> {
    const { signal, onRetry } = options;
    const backoff = new Backoff();
    for (let faults = 0; ;) {
      const visit = await unlessAborted(this.nextVisit.promise, signal);
      try {
        const reply = await unlessAborted(visit.request<Reply>(type, payload), signal);
        this.door.onDone?.(type);
        return reply;
      } catch (thrown) {
        if (signal?.aborted === true) throw thrown;
        const error = asKaijiangError(thrown);
        if (error.code === 'INTERNAL') faults++;
        if (!error.isPassing || faults === INTERNAL_TRIES) throw error;
        onRetry?.(error);
        if (error.code !== 'UNREACHABLE') await this.waitOut(error, backoff, signal);
      }
    }
  }

  /** As long as the server asked for; but a room that has been found anew need not be waited for. */
  private async waitOut(
    error: KaijiangError,
    backoff: Backoff,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const found = new AbortController();
    const stop = this.onStatus(({ status }) => {
      if (error.code === 'MOVED' && status === 'live') found.abort();
    });
    const end = limitBy([found.signal, this.over.signal, ...(signal === undefined ? [] : [signal])]);
    await backoff.pause(retryAfterMs(error), end.signal);
    end.done();
    stop();
  }

  /** The seat's life: join, stay until the connection is lost, join again. */
  private async stay(): Promise<void> {
    const backoff = new Backoff();
    let failure: KaijiangError | undefined;
    let notFound = 0;
    for (let attempt = 1; this.final === undefined; attempt++) {
      this.tell({ status: 'connecting', attempt, failure });
      try {
        const visit = await this.enter();
        const sinceMs = Date.now();
        const closeCode = await this.liveOn(visit);
        failure = undefined;
        attempt = notFound = 0;
        if (closeCode === TOO_FAST) await backoff.pause(TOO_FAST_PAUSE_MS, this.over.signal);
        else if (Date.now() - sinceMs < STEADY_MS) await backoff.pause(0, this.over.signal);
        else backoff.reset();
      } catch (thrown) {
        failure = asKaijiangError(thrown);
        const mayAppear = failure.code === 'NOT_FOUND' && this.hasBeenLive && ++notFound < NOT_FOUND_TRIES;
        if (failure.isPassing || mayAppear) await backoff.pause(retryAfterMs(failure), this.over.signal);
        else this.finish(failure);
      }
    }
    this.tell({ status: 'lost', closeCode: undefined, final: this.final });
  }

  private async enter(): Promise<Visit<State>> {
    const room = await this.door.enter();
    const visit = new Visit<State>(room, {
      state: (state) => {
        this.state_ = state;
        callAll(this.stateListeners, state);
      },
      message: (type, payload) => callAll(this.messageListeners.get(String(type)) ?? [], payload),
    });
    const waiting = limitBy([this.over.signal], FIRST_STATE_TIMEOUT_MS);
    const none = visit.lost.then(() => Promise.reject(new Error('the connection was lost at once')));
    try {
      await unlessAborted(Promise.race([visit.shown, none]), waiting.signal);
      return visit;
    } catch (error) {
      await visit.leave();
      throw error;
    } finally {
      waiting.done();
    }
  }

  /** @returns the code of the connection's end, if it had one */
  private async liveOn(visit: Visit<State>): Promise<number | undefined> {
    const isRejoin = this.hasBeenLive;
    this.hasBeenLive = true;
    this.visit = visit;
    this.nextVisit.resolve(visit);
    this.tell({ status: 'live', isRejoin });
    if (this.door.tokens !== undefined) void handTokensOver(visit, this.door.tokens);
    const { closeCode } = await visit.lost;
    this.visit = undefined;
    if (this.final !== undefined) return closeCode;
    this.awaitVisit();
    this.tell({ status: 'lost', closeCode, final: undefined });
    return closeCode;
  }

  private awaitVisit(): void {
    this.nextVisit = deferred();
    // Whoever waits is told; when nobody does, the end of the seat is no unhandled rejection.
    this.nextVisit.promise.catch(() => undefined);
  }

  private finish(error: KaijiangError): void {
    if (this.final !== undefined) return;
    this.final = error;
    if (this.visit !== undefined) this.awaitVisit();
    this.nextVisit.reject(error);
    this.over.abort();
  }

  private tell(event: SeatEvent): void {
    this.status_ = event.status;
    callAll(this.statusListeners, event);
  }
}

/** A listener that throws is its author's to mend; it must not keep the seat or the other listeners from going on. */
function callAll<Value>(listeners: Iterable<(value: Value) => void>, value: Value): void {
  for (const listener of [...listeners]) {
    try {
      listener(value);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}
