import type { Market } from '../../draw/market.ts';
import type { SimulationPlan } from '../../draw/simulate.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database, Tx } from '../../platform/database/transaction.ts';
import { AppError } from '../../platform/errors.ts';
import { LIMITS } from '../../platform/limits.ts';
import type { Logger } from '../../platform/logger.ts';
import { resultOf } from './result.ts';
import { beat, endSimulation } from './store.ts';
import { SimulationThreads } from './threads.ts';

export interface SimulationServices {
  database: Database;
  clock: Clock;
  logger: Logger;
  config: { market: Market };
}

/** What is to be simulated, and how it is told. */
export interface Assignment {
  plan: SimulationPlan;
  keys: ReadonlyMap<number, string>;
  /** 1/100 points; null: none. */
  budget: number | null;
}

interface Job extends Assignment {
  simulationId: number;
  /** Once it is its turn. */
  threads: SimulationThreads | undefined;
}

const BEAT_MS = 1000;

/*
 * The simulations of one node, one after the other. A simulation is `running` from its row on, also while it waits for others, and
 * ends as completed, failed or cancelled: the row says so, and whoever ends it there first. Each second the node says of all of its
 * own that it is alive; of one that is no longer running there it ends the threads. One whose node is silent has failed
 * (readSimulation.ts). Threads are there only while something is simulated.
 */
export class Simulations {
  private readonly jobs = new Map<number, Job>();
  private starting = 0;
  private working: Promise<void> | undefined;
  private beating: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isClosed = false;

  constructor(private readonly services: SimulationServices) {}

  /**
   * Simulates what `insert` has made a row of.
   * @returns its id
   * @throws AppError BUSY when too many are open already
   */
  async start(assignment: Assignment, insert: (tx: Tx) => Promise<number>): Promise<number> {
    if (this.isClosed || this.jobs.size + this.starting >= LIMITS.openSimulations)
      throw new AppError('BUSY', { retryAfterSeconds: 5 });
    this.starting += 1;
    try {
      const simulationId = await this.services.database.retryingTransaction(insert);
      this.jobs.set(simulationId, { ...assignment, simulationId, threads: undefined });
      if (this.isClosed) await this.close();
      else this.go();
      return simulationId;
    } finally {
      this.starting -= 1;
    }
  }

  /** Ends the threads of one that runs here no longer. Resolves when they are gone. */
  async drop(simulationId: number): Promise<void> {
    const job = this.jobs.get(simulationId);
    this.jobs.delete(simulationId);
    await job?.threads?.stop();
  }

  /** Gives up all that run. */
  async close(): Promise<void> {
    this.isClosed = true;
    const given = [...this.jobs.keys()];
    await Promise.all(given.map((simulationId) => this.drop(simulationId)));
    await this.working;
    await this.beating;
    for (const simulationId of given) await this.end(simulationId, { status: 'failed' });
  }

  private go(): void {
    this.timer ??= setInterval(() => this.beat(), BEAT_MS).unref();
    this.working ??= this.work().finally(() => {
      clearInterval(this.timer);
      this.timer = undefined;
      this.working = undefined;
    });
  }

  private async work(): Promise<void> {
    for (;;) {
      const [job] = this.jobs.values();
      if (job === undefined) return;
      await this.simulate(job);
      this.jobs.delete(job.simulationId);
    }
  }

  private async simulate(job: Job): Promise<void> {
    const { simulationId, plan, budget, keys } = job;
    const { market } = this.services.config;
    job.threads = new SimulationThreads(plan);
    try {
      const results = await job.threads.results;
      const result = JSON.stringify(resultOf({ plan, results, budget, market, keys }));
      await this.end(simulationId, { status: 'completed', result });
    } catch (error) {
      if (!this.jobs.has(simulationId)) return;
      this.services.logger.error({ err: error, simulationId }, 'a simulation failed');
      await this.end(simulationId, { status: 'failed' });
    }
  }

  /** What cannot be written now is found silent by whoever reads it. */
  private async end(simulationId: number, end: Parameters<typeof endSimulation>[2]): Promise<void> {
    const { database, clock, logger } = this.services;
    try {
      await database.retryingTransaction((tx) => endSimulation(tx, simulationId, end, clock.nowMs()));
    } catch (error) {
      logger.warn({ err: error, simulationId }, 'the end of a simulation could not be written');
    }
  }

  private beat(): void {
    const { logger } = this.services;
    this.beating ??= this.tellAlive()
      .catch((error: unknown) => logger.warn({ err: error }, 'simulations could not be told to be alive'))
      .finally(() => (this.beating = undefined));
  }

  private async tellAlive(): Promise<void> {
    const { database, clock } = this.services;
    const jobs = [...this.jobs.values()];
    const simulationIds = jobs.map(({ simulationId }) => simulationId);
    if (simulationIds.length === 0) return;
    const active = jobs.find(({ threads }) => threads !== undefined);
    const progress = active && { simulationId: active.simulationId, progress: active.threads!.progress };
    const running = await database.retryingTransaction((tx) =>
      beat(tx, { simulationIds, progress }, clock.nowMs()),
    );
    for (const simulationId of simulationIds) {
      if (!running.has(simulationId)) await this.drop(simulationId);
    }
  }
}
