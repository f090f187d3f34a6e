import type { RunResult, SimulationPlan } from '../../draw/simulate.ts';
import { LIMITS } from '../../platform/limits.ts';
import { Threads } from '../../platform/threads.ts';
import type { RunTask } from './worker.ts';

/*
 * The runs of one simulation on threads of its own. States: running → over. Over it is once `results` is settled, by its end or by
 * `stop`; then no thread is left.
 */
export class SimulationThreads {
  /** In the order of the runs. Rejected when it is stopped. */
  readonly results: Promise<RunResult[]>;
  private readonly threads: Threads<RunTask, RunResult>;
  private readonly done = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);

  constructor(
    private readonly plan: SimulationPlan,
    threads: number = LIMITS.simulationThreads,
  ) {
    const most = Math.min(threads, plan.runs);
    this.threads = new Threads({ beside: import.meta.url, name: 'simulate', most });
    this.results = this.runAll();
  }

  /** From 0 to 1. */
  get progress(): number {
    const { draws, runs } = this.plan;
    return Atomics.load(new Int32Array(this.done), 0) / (draws * runs);
  }

  /** Ends the threads, whatever they do. */
  async stop(): Promise<void> {
    await this.threads.end();
    await this.results.catch(() => undefined);
  }

  private async runAll(): Promise<RunResult[]> {
    const { plan, done, threads } = this;
    const tasks = Array.from({ length: plan.runs }, (_, run): RunTask => ({ plan, run, done }));
    try {
      return await Promise.all(tasks.map((task) => threads.run(task)));
    } finally {
      await threads.end();
    }
  }
}
