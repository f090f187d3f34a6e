import { AppError, asAppError } from '../errors.ts';
import { isOverdue } from '../database/driverErrors.ts';
import { systemPause, type Pause } from '../database/pause.ts';
import { halvesOf } from '../halves.ts';
import { currentTrace, traced, traceOfAll, untraced, type Trace } from '../trace.ts';
import { beginBatch, endBatch, queuedAtMs, type BatchKind } from './batchTimes.ts';

/** What became of one item of a committed batch: a result, or a refusal that concerns this item alone (DRAW-5). */
export type Outcome<Result> = { ok: true; result: Result } | { ok: false; error: AppError };

export interface GroupCommitOptions<Item, Result> {
  /** For whoever measures. */
  kind: BatchKind;
  /** Items waiting; one more is refused with BUSY. */
  maxQueued: number;
  /** Weight of one batch. A single item may exceed it. */
  maxBatchWeight: number;
  weightOf(item: Item): number;
  /**
   * Stores a batch in one transaction and returns one outcome per item, in order, once it is committed. May return fewer,
   * but not none: the rest goes first in the next batch. Throws when nothing is known to be stored; it is then called again
   * with the same items or some of them, so it must recognise those that were stored after all (DRAW-4, DRAW-6), and hold
   * nothing in memory to be true that the failed attempt may have left wrong.
   */
  commit(items: readonly Item[]): Promise<Outcome<Result>[]>;
  /** Whether an error means that this queue may never commit again. */
  isFinal: (error: unknown) => boolean;
  /** Whether the items themselves have brought an error about: other items, or fewer, might have been committed. */
  isItemsFault: (error: unknown) => boolean;
  /** Told of every failed attempt. */
  onError(error: unknown, attempt: number): void;
  tries?: number;
  backoffMs?: number;
  /** Failed attempts of one batch after which the search for the items at fault is given up. */
  maxFailures?: number;
  pause?: Pause;
}

interface Waiting<Item, Result> {
  item: Item;
  resolve(result: Result): void;
  reject(error: AppError): void;
  /** Known while batches are watched. */
  queuedMs: number | undefined;
  /** Of whoever asked for it. */
  trace: Trace | undefined;
}

/** A commit that settles none of its items would be called with the same ones for ever. */
class NoProgressError extends Error {
  override readonly name = 'NoProgressError';

  constructor(items: number) {
    super(`A batch of ${items} was committed without an outcome for any of its items`);
  }
}

/** One item at fault of a thousand is found in a dozen failures. What is left after so many is found when it is sent again. */
const MAX_FAILURES = 100;

/*
 * The serial heart of an actor: rooms interleave at every await (ROOM-3), this queue does not.
 *
 * States: open → closing → closed, or open → closed when the commit says it is final. Only this class changes them.
 *   open     items are taken; a batch is whatever queued while the previous one was committed, so there is no delay when
 *            idle and large groups under load
 *   closing  new items are refused with MOVED, queued ones are still committed
 *   closed   everything is refused with MOVED
 * Order: items are decided in the order of their arrival. Exclusive work runs alone, between batches, before queued items.
 * An item's promise settles only after its batch committed, or when the batch was given up: then with BUSY, whose meaning
 * is "unknown, send the same request again".
 *
 * A failed attempt is one of three. Final: the queue closes. Trouble of the infrastructure, or no progress: the same items
 * again after a pause, and BUSY when that does not help or was waited for long enough. Anything else is the fault of some item
 * (DRAW-5): the items are tried once more, then in halves, down to the one that fails alone, on what was read anew, and gets
 * what it brought about; the others their results.
 */
export class GroupCommit<Item, Result> {
  private state: 'open' | 'closing' | 'closed' = 'open';
  private queue: Waiting<Item, Result>[] = [];
  private exclusive: (() => Promise<void>)[] = [];
  private running: Promise<void> | undefined;

  constructor(private readonly options: GroupCommitOptions<Item, Result>) {}

  /** Queues an item. @throws AppError BUSY (queue full or batch given up), MOVED (closing), or the item's own refusal. */
  submit(item: Item): Promise<Result> {
    if (this.state !== 'open') return Promise.reject(new AppError('MOVED'));
    if (this.queue.length >= this.options.maxQueued) return Promise.reject(new AppError('BUSY'));
    return new Promise((resolve, reject) => {
      this.queue.push({ item, resolve, reject, queuedMs: queuedAtMs(), trace: currentTrace() });
      this.wake();
    });
  }

  /** Runs `work` while no batch is being committed, and before those that wait. */
  runExclusive<T>(work: () => Promise<T>): Promise<T> {
    if (this.state === 'closed') return Promise.reject(new AppError('MOVED'));
    const trace = currentTrace();
    return new Promise((resolve, reject) => {
      this.exclusive.push(() => traced(trace, work).then(resolve, reject));
      this.wake();
    });
  }

  get queued(): number {
    return this.queue.length;
  }

  /** Takes no more items and resolves when the queued ones are settled. */
  async close(): Promise<void> {
    if (this.state === 'open') this.state = 'closing';
    while (this.running !== undefined) await this.running;
    this.state = 'closed';
  }

  private get pause(): Pause {
    return this.options.pause ?? systemPause;
  }

  private wake(): void {
    // It goes on for whoever comes next.
    this.running ??= untraced(() => this.run()).finally(() => {
      this.running = undefined;
    });
  }

  private async run(): Promise<void> {
    // The rest of this turn's messages still join the first batch.
    await this.pause.turn();
    while (this.exclusive.length > 0 || this.queue.length > 0) {
      const work = this.exclusive.shift();
      if (work !== undefined) await work();
      else await this.commitNext();
      // SQLite commits without ever leaving this thread: without a turn for the sockets no batch would grow.
      await this.pause.turn();
    }
  }

  /** Settles the items of the next batch, but for those that go first in the one after it. */
  private async commitNext(): Promise<void> {
    // What is left of the batch, in order; more than one part once somebody is being looked for.
    let parts = [this.takeBatch()];
    let failures = 0;
    // Since a failure the commit holds nothing to be true but what it has read; since the next success it may again.
    let isReadAnew = false;
    const { isFinal, maxFailures = MAX_FAILURES } = this.options;
    while (parts.length > 0) {
      const [part, ...others] = parts as [Waiting<Item, Result>[], ...Waiting<Item, Result>[][]];
      try {
        const rest = await this.commitPart(part);
        isReadAnew = false;
        if (others.length === 0) this.queue.unshift(...rest);
        parts = rest.length > 0 && others.length > 0 ? [rest, ...others] : others;
      } catch (error) {
        failures += 1;
        if (!this.isFault(error) || isFinal(error) || failures >= maxFailures) {
          this.giveUp(parts.flat(), error);
          return;
        }
        // What failed may have been what the commit held in memory; the second time it is the items.
        const isAgain = !isReadAnew && (failures === 1 || part.length === 1);
        isReadAnew = true;
        if (isAgain) continue;
        if (part.length === 1) part[0]!.reject(asAppError(error));
        parts = [...halvesOf(part), ...others];
      }
    }
  }

  /** Returns the items that have no outcome yet. */
  private async commitPart(part: Waiting<Item, Result>[]): Promise<Waiting<Item, Result>[]> {
    const items = part.map(({ item }) => item);
    beginBatch(items, this.options.kind, part[items.length >>> 1]?.queuedMs);
    const trace = traceOfAll(part.map((waiting) => waiting.trace));
    const outcomes = await traced(trace, () => this.commitWithRetries(items));
    outcomes.forEach((outcome, at) => {
      const waiting = part[at]!;
      if (outcome.ok) waiting.resolve(outcome.result);
      else waiting.reject(outcome.error);
    });
    endBatch(items, outcomes.length);
    return part.slice(outcomes.length);
  }

  private giveUp(batch: Waiting<Item, Result>[], error: unknown): void {
    const final = this.options.isFinal(error);
    if (final) this.state = 'closed';
    const given = final ? batch.concat(this.queue.splice(0)) : batch;
    for (const { reject } of given) reject(new AppError(final ? 'MOVED' : 'BUSY', { cause: error }));
  }

  private async commitWithRetries(items: readonly Item[]): Promise<Outcome<Result>[]> {
    const { isFinal, tries = 5, backoffMs = 20 } = this.options;
    for (let attempt = 1; ; attempt++) {
      try {
        const outcomes = await this.options.commit(items);
        if (outcomes.length === 0) throw new NoProgressError(items.length);
        return outcomes;
      } catch (error) {
        this.options.onError(error, attempt);
        if (attempt >= tries || isFinal(error) || isOverdue(error) || this.isFault(error)) throw error;
        await this.pause.sleep(backoffMs * 2 ** (attempt - 1) * (0.5 + this.pause.random() / 2));
      }
    }
  }

  private isFault(error: unknown): boolean {
    return !(error instanceof NoProgressError) && this.options.isItemsFault(error);
  }

  private takeBatch(): Waiting<Item, Result>[] {
    let weight = 0;
    let count = 0;
    for (const { item } of this.queue) {
      weight += this.options.weightOf(item);
      if (count > 0 && weight > this.options.maxBatchWeight) break;
      count++;
    }
    return this.queue.splice(0, count);
  }
}
