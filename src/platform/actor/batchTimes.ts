/**
 * How long each committed batch of an owner spent in each of its phases, for whoever measures. While nobody does, nothing is
 * recorded and no clock is read.
 *
 * A batch is known by its array of items, which goes as it is from the queue to the commit. So whoever ends a phase needs
 * nothing but that, and several batches may be under way at once.
 */
import { Measured } from '../measured.ts';

/**
 * In order:
 *   queue   until the batch begins, from when its middle request was queued: they wait in the order of their arrival, so this is
 *           the median of the batch
 *   read    BEGIN, what is read, and waiting for connection and locks
 *   decide  nothing but deciding
 *   write   what is written, until COMMIT is sent; on MySQL COMMIT travels with it and counts here
 *   commit  COMMIT, where it is sent by itself
 *   answer  from there until all that follows in this turn is done: the replies are handed to their sockets
 * An attempt that fails counts in the phases it has passed. A phase that the kind of owner does not end counts in the next one.
 */
export const BATCH_PHASES = ['queue', 'read', 'decide', 'write', 'commit', 'answer'] as const;
export type BatchPhase = (typeof BATCH_PHASES)[number];

/** What the items of a queue are. */
export const BATCH_KINDS = ['draws', 'messages', 'behaviors'] as const;
export type BatchKind = (typeof BATCH_KINDS)[number];

export interface BatchTimes {
  kind: BatchKind;
  /** Items of the batch. */
  size: number;
  ms: Partial<Record<BatchPhase, number>>;
}

type Items = readonly unknown[];

export const measuredBatches = new Measured<BatchTimes>('batch');
const underWay = new WeakMap<Items, Pick<BatchTimes, 'kind' | 'ms'> & { sinceMs: number }>();

/** When an item is queued; undefined while nobody listens, and a batch of such items is not measured. */
export function queuedAtMs(): number | undefined {
  return measuredBatches.isWatched ? performance.now() : undefined;
}

export function beginBatch(items: Items, kind: BatchKind, queuedMs: number | undefined): void {
  if (queuedMs === undefined) return;
  const sinceMs = performance.now();
  underWay.set(items, { kind, ms: { queue: sinceMs - queuedMs }, sinceMs });
}

export function endPhase(items: Items, phase: BatchPhase): void {
  const batch = underWay.get(items);
  if (batch === undefined) return;
  const nowMs = performance.now();
  batch.ms[phase] = (batch.ms[phase] ?? 0) + nowMs - batch.sinceMs;
  batch.sinceMs = nowMs;
}

/** The first `size` items are settled. Told once those who waited for them have gone on, which they do before the next tick. */
export function endBatch(items: Items, size: number): void {
  const batch = underWay.get(items);
  if (batch === undefined) return;
  process.nextTick(() => {
    endPhase(items, 'answer');
    measuredBatches.tell({ kind: batch.kind, size, ms: batch.ms });
  });
}
