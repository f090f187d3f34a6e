import { Tinypool } from 'tinypool';
import type { RunResult, SimulationPlan } from '../../draw/simulate.ts';
import { LIMITS } from '../../platform/limits.ts';
import type { RunTask } from './worker.ts';

/** A thread loads TypeScript as this process does. */
const IS_SOURCE = import.meta.url.endsWith('.ts');
const WORKER = new URL(IS_SOURCE ? './worker.ts' : './worker.js', import.meta.url);

/*
 * The runs of one simulation on threads of its own. States: running → over. Over it is once `results` is settled, by its end or by
 * `stop`; then no thread is left.
 */
export class SimulationThreads {
  /** In the order of the runs. Rejected when it is stopped. */
  readonly results: Promise<RunResult[]>;
  private readonly pool: Tinypool;
  private readonly done = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);

  constructor(
    private readonly plan: SimulationPlan,
    threads: number = LIMITS.simulationThreads,
  ) {
    this.pool = new Tinypool({
      filename: WORKER,
      name: 'simulate',
      minThreads: 0,
      maxThreads: Math.min(threads, plan.runs),
      ...(IS_SOURCE && { execArgv: ['--import', 'tsx'] }),
    });
    this.results = this.runAll();
  }

  /** From 0 to 1. */
  get progress(): number {
    const { draws, runs } = this.plan;
    return Atomics.load(new Int32Array(this.done), 0) / (draws * runs);
  }

  /** Ends the threads, whatever they do. */
  async stop(): Promise<void> {
    await this.pool.destroy();
    await this.results.catch(() => undefined);
  }

  private async runAll(): Promise<RunResult[]> {
    const { plan, done, pool } = this;
    const tasks = Array.from({ length: plan.runs }, (_, run): RunTask => ({ plan, run, done }));
    // A thread that cannot even begin fails no task.
    const broken = new Promise<never>((_, reject) => pool.on('error', reject));
    try {
      return await Promise.race([broken, Promise.all(tasks.map((task) => resultOf(pool, task)))]);
    } finally {
      await pool.destroy();
    }
  }
}

function resultOf(pool: Tinypool, task: RunTask): Promise<RunResult> {
  return pool.run(task) as Promise<RunResult>;
}
