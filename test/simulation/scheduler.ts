import type { Random } from './random.ts';
import type { Trace } from './trace.ts';

/** Whose work waits: nothing of it goes on while it is paused, and nothing ever once it is dead. */
export interface Actor {
  readonly name: string;
  isAlive: boolean;
  isPaused: boolean;
}

export interface Wait {
  afterMs?: number;
  /** Checked whenever something is to go on. */
  isReady?: () => boolean;
}

interface Parked {
  actor: Actor;
  point: string;
  dueMs: number;
  isReady(): boolean;
  goOn(): void;
}

/*
 * The virtual event loop. Whatever must wait parks here; each step one parked piece of work, picked by the seeded source of
 * chance, goes on until all of it is parked again. Timers and the real event loop decide nothing: between parking places
 * there are only microtasks, which run in one order.
 */
export class Scheduler {
  private parked: Parked[] = [];

  constructor(
    private readonly random: Random,
    private readonly trace: Trace,
    public nowMs: number,
  ) {}

  /** Resolves when the schedule lets the actor go on; never, when it is dead. */
  park(actor: Actor, point: string, { afterMs = 0, isReady = () => true }: Wait = {}): Promise<void> {
    return new Promise((resolve) => {
      if (!actor.isAlive) return;
      this.parked.push({ actor, point, dueMs: this.nowMs + afterMs, isReady, goOn: resolve });
    });
  }

  /** Drops what a dead actor has parked. */
  drop(actor: Actor): void {
    this.parked = this.parked.filter((parked) => parked.actor !== actor);
  }

  get isIdle(): boolean {
    return this.parked.length === 0;
  }

  get canGoOn(): boolean {
    return this.parked.some((parked) => this.isRunnable(parked));
  }

  /** Lets one parked piece of work go on. Time passes when all are waiting for it. Returns whether there was one. */
  async goOn(): Promise<boolean> {
    if (!this.canGoOn) this.passTime();
    const runnable = this.parked.filter((parked) => this.isRunnable(parked));
    if (runnable.length === 0) return false;
    const chosen = this.random.pick(runnable);
    this.parked.splice(this.parked.indexOf(chosen), 1);
    this.trace.add(`${chosen.actor.name} goes on at ${chosen.point}`);
    chosen.goOn();
    await settled();
    return true;
  }

  private passTime(): void {
    const due = this.parked.filter(
      (parked) => parked.actor.isAlive && !parked.actor.isPaused && parked.isReady(),
    );
    if (due.length > 0) this.nowMs = Math.max(this.nowMs, Math.min(...due.map((parked) => parked.dueMs)));
  }

  private isRunnable({ actor, dueMs, isReady }: Parked): boolean {
    return actor.isAlive && !actor.isPaused && dueMs <= this.nowMs && isReady();
  }
}

/** Resolves when all microtasks have run: everything is parked or done. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
