import type { Tx } from '../database/transaction.ts';
import { EVENT_TYPES } from './types.ts';

/** An event as its handlers get it. */
export interface DomainEvent {
  eventId: number;
  type: string;
  userId: number | null;
  /** What emitEvents was given, as JSON brings it back; a handler passes it through its own shape. */
  data: unknown;
  createdAtMs: number;
  /** An administrator has published it: nothing of it has happened (RE-11). */
  isSimulated: boolean;
}

/**
 * Does its writing through `tx`, which also holds the mark that it is done: thrown errors take back both. It may be run again
 * after an error, a deadlock or the death of its node, so whatever it does outside the database must bear repetition.
 */
export type EventHandler = (event: DomainEvent, tx: Tx) => Promise<void>;

/**
 * As EventHandler, for events of one claim at once, in the order of their ids: all are done or none. Those that were done before
 * are left out. When it throws it is called again with half of them, down to the one that fails alone, so it must hold nothing
 * in memory of what a call has done. The number of its statements does not grow with the events.
 */
export type BatchHandler = (events: readonly DomainEvent[], tx: Tx) => Promise<void>;

export interface Registration {
  type: string;
  /** Part of the mark: must stay the same over restarts, and be the same on all nodes. */
  name: string;
  handle: BatchHandler;
  /** Whether `handle` takes one event at a time. */
  isSingle: boolean;
  isOnce: boolean;
  /** Of one that is ordered: all types that it takes, in one order. */
  ordered?: readonly string[];
}

const NAME = /^[a-z][a-z0-9._:-]{0,63}$/;

/**
 * Which handlers this process has for which type of event (E-2). Events are emitted by emitEvents and in no other way; the
 * relay brings them here once they are committed.
 */
export class EventBus {
  private readonly registrations = new Map<string, Map<string, Registration>>();

  constructor(private readonly known: readonly string[] = EVENT_TYPES) {}

  /** Runs `handle` for each event of the type, once per event in the whole cluster. */
  on(type: string, name: string, handle: EventHandler): void {
    this.register({ type, name, ...oneByOne(handle), isOnce: false });
  }

  /** As `on`, many events at a time (RE-13). */
  onBatch(type: string, name: string, handle: BatchHandler): void {
    this.register({ type, name, handle, isSingle: false, isOnce: false });
  }

  /**
   * As `onBatch`, of several types at once, and each user's events in the order of their ids, over all claims, nodes and failed tries
   * (RE-6): none is handled while an earlier one is not, or is given up. Earlier are those that are committed when an event's
   * turn comes; a more urgent one does not wait for what is less urgent.
   */
  onOrdered(types: readonly string[], name: string, handle: BatchHandler): void {
    for (const type of types)
      this.register({ type, name, handle, isSingle: false, isOnce: false, ordered: types });
  }

  /** As `on`, until `handle` has succeeded for one event in this process. */
  once(type: string, name: string, handle: EventHandler): void {
    this.register({ type, name, ...oneByOne(handle), isOnce: true });
  }

  /** What a handler was given of a claim it finishes. */
  off(type: string, name: string): void {
    const ofType = this.registrations.get(type);
    ofType?.delete(name);
    if (ofType?.size === 0) this.registrations.delete(type);
  }

  /** The types that somebody handles. */
  types(): string[] {
    return [...this.registrations.keys()];
  }

  handles(type: string): boolean {
    return this.registrations.has(type);
  }

  /** Whether all handlers of a type here take many events at a time. */
  takesBatches(type: string): boolean {
    const ofType = [...(this.registrations.get(type)?.values() ?? [])];
    return ofType.length > 0 && ofType.every(({ isSingle }) => !isSingle);
  }

  /** Whether this build knows the type. */
  knows(type: string): boolean {
    return this.known.includes(type) || this.handles(type);
  }

  /** The types that this build knows, whether somebody handles them now or not. */
  knownTypes(): string[] {
    return [...new Set([...this.known, ...this.registrations.keys()])];
  }

  /** The names of those who handle a type here. */
  handlersOf(type: string): string[] {
    return [...(this.registrations.get(type)?.keys() ?? [])];
  }

  /** The handlers to run for events of a claim. Those for one event only are taken out until they are put back. */
  take(type: string): Registration[] {
    const taken = [...(this.registrations.get(type)?.values() ?? [])];
    for (const { name, isOnce } of taken) if (isOnce) this.off(type, name);
    return taken;
  }

  /** After `take`: this one has not done its work. */
  putBack(registration: Registration): void {
    const { type, name, isOnce } = registration;
    const isReplaced = this.registrations.get(type)?.has(name);
    if (isOnce && !isReplaced) this.register(registration);
  }

  private register(registration: Registration): void {
    const { type, name } = registration;
    if (!NAME.test(name)) throw new RangeError(`Not a name for a handler: ${name}`);
    const ofType = this.registrations.get(type) ?? new Map<string, Registration>();
    this.registrations.set(type, ofType);
    if (ofType.has(name)) throw new Error(`${type} has a handler ${name} already`);
    ofType.set(name, registration);
  }
}

function oneByOne(handle: EventHandler): Pick<Registration, 'handle' | 'isSingle'> {
  return { handle: ([event], tx) => handle(event!, tx), isSingle: true };
}
