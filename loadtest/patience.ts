import { setTimeout as sleep } from 'node:timers/promises';
import { Refusal } from './http.ts';

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2000;

/** Pauses that grow from attempt to attempt, with half of each left to chance so that bots do not return all at once. */
export class Backoff {
  private attempts = 0;

  /** @param atLeastMs what the server asked for */
  async pause(atLeastMs = 0): Promise<void> {
    const fullMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.attempts++);
    await sleep(Math.max(atLeastMs, fullMs * (0.5 + Math.random() / 2)));
  }

  reset(): void {
    this.attempts = 0;
  }
}

/** Tries until `deadlineMs`: a server that is away or asks for patience is met with patience, any other refusal is final. */
export async function persist<T>(work: () => Promise<T>, deadlineMs: number): Promise<T> {
  const backoff = new Backoff();
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const final = error instanceof Refusal && error.status !== 429 && error.status < 500;
      if (final || Date.now() >= deadlineMs) throw error;
      await backoff.pause(error instanceof Refusal ? (error.retryAfterSeconds ?? 0) * 1000 : 0);
    }
  }
}

/** Runs `work` for every item, `width` at a time, results in the items' order. */
export async function eachOf<Item, Result>(
  items: readonly Item[],
  width: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results = new Array<Result>(items.length);
  let next = 0;
  const worker = async () => {
    for (let at = next++; at < items.length; at = next++) results[at] = await work(items[at]!);
  };
  await Promise.all(Array.from({ length: width }, worker));
  return results;
}
