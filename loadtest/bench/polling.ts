import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 10;

export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(POLL_MS);
}
