import { setTimeout as sleep } from 'node:timers/promises';

const SWEEPS = 5;
const PAUSE_MS = 2000;

/** The last of several sweeps with pauses: what a burst has left is given back by and by. */
export async function swept<Report>(sweep: () => Promise<Report>): Promise<Report> {
  for (let at = 1; at < SWEEPS; at++) {
    await sweep();
    await sleep(PAUSE_MS);
  }
  return sweep();
}
