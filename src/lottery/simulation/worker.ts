/** What a thread of a simulation runs. */
import { setPriority } from 'node:os';
import { simulateRun, type RunResult, type SimulationPlan } from '../../draw/simulate.ts';

export interface RunTask {
  plan: SimulationPlan;
  run: number;
  /** One Int32: draws done, of all threads. */
  done: SharedArrayBuffer;
}

/** Live draws come first. */
const NICENESS = 5;

// Of this thread alone, which only Linux knows; elsewhere it would be the server's.
if (process.platform === 'linux') setPriority(NICENESS);

export function simulate({ plan, run, done }: RunTask): RunResult {
  const counter = new Int32Array(done);
  return simulateRun(plan, run, (draws) => void Atomics.add(counter, 0, draws));
}
