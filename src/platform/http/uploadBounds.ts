import type { Caller } from '../caller.ts';
import { AppError } from '../errors.ts';
import { CallBudget } from './callBudget.ts';

export interface UploadLimits {
  /** Of everybody, on this node: a file is in memory until it is stored. */
  atOnce: number;
  atOncePerPerson: number;
  perMinute: number;
}

/** How many files one node receives, and of whom; asked before anything of one is read. */
export class UploadBounds {
  private readonly byPerson = new Map<number, number>();
  private readonly budget: CallBudget;
  private running = 0;

  constructor(private readonly limits: UploadLimits) {
    this.budget = new CallBudget(limits.perMinute);
  }

  /** @returns what says that it is over, once or several times. @throws AppError BUSY, RATE_LIMITED */
  enter({ userId }: Caller): () => void {
    const own = this.byPerson.get(userId) ?? 0;
    if (own >= this.limits.atOncePerPerson) throw new AppError('RATE_LIMITED', { retryAfterSeconds: 1 });
    if (this.running >= this.limits.atOnce) throw new AppError('BUSY');
    this.budget.spend(String(userId), 1);
    this.running += 1;
    this.byPerson.set(userId, own + 1);
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.running -= 1;
      const left = this.byPerson.get(userId)! - 1;
      if (left === 0) this.byPerson.delete(userId);
      else this.byPerson.set(userId, left);
    };
  }
}
