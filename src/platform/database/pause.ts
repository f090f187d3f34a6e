import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';

/** How work waits and what jitters its waits. Injected where a scheduler must decide all of it, so that a run can be repeated. */
export interface Pause {
  /** Lets everything that is due in this process go first. */
  turn(): Promise<void>;
  sleep(durationMs: number): Promise<void>;
  /** From 0 to below 1. */
  random(): number;
}

export const systemPause: Pause = {
  turn: () => nextTurn(),
  sleep: (durationMs) => sleep(durationMs),
  random: () => Math.random(),
};
