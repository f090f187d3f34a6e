import type { Tx } from '../database/transaction.ts';
import type { Outcome } from './handleEvents.ts';
import type { RelaySettings } from './relaySettings.ts';
import { complete, fail, putOff, release, type DueEvent, type Failure } from './store.ts';

export interface Settled {
  nodeId: string;
  /** Of one claim of this node. */
  events: readonly DueEvent[];
  outcome: Outcome;
  nowMs: number;
  settings: Pick<RelaySettings, 'maxAttempts' | 'backoffMs' | 'maxBackoffMs' | 'minPollMs' | 'maxPollMs'>;
  /** From 0 to below 1. */
  random?: () => number;
}

/** Writes down what became of a claim; what was taken from this node meanwhile is another's to settle. */
export async function settleEvents(tx: Tx, settled: Settled): Promise<void> {
  const { nodeId, events, outcome, nowMs } = settled;
  const { failures, unstarted, waiting } = outcome;
  const isLeft = (event: DueEvent) => failures.has(event) || unstarted.has(event) || waiting.has(event);
  const done = events.filter((event) => !isLeft(event));
  const idsOf = (of: Iterable<DueEvent>) => Array.from(of, ({ eventId }) => eventId);
  await complete(tx, { nodeId, eventIds: idsOf(done) }, nowMs);
  await release(tx, { nodeId, eventIds: idsOf(unstarted) }, nowMs);
  await putOff(tx, { nodeId, eventIds: idsOf(waiting.keys()) }, turnAt(settled));
  for (const [attempts, failed] of byAttempts(failures)) {
    const againAtMs = againAfter(attempts, settled);
    await fail(tx, { nodeId, attempts, failures: failed, againAtMs, nowMs });
  }
}

/** When those that wait for others may have their turn. */
function turnAt({ outcome: { waiting }, nowMs, settings: { minPollMs, maxPollMs } }: Settled): number {
  const soonest = Array.from(waiting.values(), ({ againAtMs = 0 }) => againAtMs);
  return Math.min(nowMs + maxPollMs, Math.max(nowMs + minPollMs / 2, Math.min(...soonest)));
}

/** With some chance in it, so that what failed together does not come back together. */
function againAfter(
  attempts: number,
  { nowMs, settings, random = Math.random }: Settled,
): number | undefined {
  const { maxAttempts, backoffMs, maxBackoffMs } = settings;
  if (attempts >= maxAttempts) return undefined;
  return nowMs + Math.min(backoffMs * 4 ** (attempts - 1), maxBackoffMs) * (0.5 + random() / 2);
}

/** Failures by the number of tries with this one: at most as many groups, and statements, as there are tries. */
function byAttempts(failures: Outcome['failures']): Map<number, Failure[]> {
  const groups = new Map<number, Failure[]>();
  for (const [{ eventId, attempts }, error] of failures) {
    const group = groups.get(attempts + 1) ?? [];
    group.push({ eventId, error });
    groups.set(attempts + 1, group);
  }
  return groups;
}
