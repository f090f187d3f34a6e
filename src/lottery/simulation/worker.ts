/** What a thread of a simulation runs. */
import { simulateRun, type RunResult, type SimulationPlan } from '../../draw/simulate.ts';
import { giveWay } from '../../platform/giveWay.ts';

export interface RunTask {
  plan: SimulationPlan;
  run: number;
  /** One Int32: draws done, of all threads. */
  done: SharedArrayBuffer;
}

giveWay(5);

export function simulate({ plan, run, done }: RunTask): RunResult {
  const counter = new Int32Array(done);
  return simulateRun(plan, run, (draws) => void Atomics.add(counter, 0, draws));
}
