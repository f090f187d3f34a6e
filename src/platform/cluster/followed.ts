import type { Logger } from '../logger.ts';
import { repeating } from '../repeating.ts';
import type { Wake } from './wake.ts';

export interface Following {
  /** Tells all nodes of a change. */
  wake: Wake;
  logger: Logger;
  /** Reads what there is now. */
  refresh(): Promise<void>;
  /** Whoever was not woken knows by then. */
  pollMs: number;
  /** What the log says of a read that failed. */
  problem: string;
}

/** A copy that each node has of something that any of them changes: read again by whoever has changed it, is woken, or has waited. */
export class Followed {
  constructor(private readonly following: Following) {}

  /** After a committed change: this node knows of it when this resolves, the others soon after. */
  async changed(): Promise<void> {
    this.following.wake.publish();
    await this.refreshOrLog();
  }

  /** @returns how to stop it */
  keep(): () => void {
    const { logger, wake, problem, pollMs: intervalMs } = this.following;
    const leave = wake.subscribe(() => void this.refreshOrLog());
    const stop = repeating(logger, problem, () => this.following.refresh(), { intervalMs });
    return () => {
      leave();
      stop();
    };
  }

  /** What failed is read again with the next poll. */
  private async refreshOrLog(): Promise<void> {
    const { logger, problem } = this.following;
    await this.following.refresh().catch((error: unknown) => logger.warn({ err: error }, problem));
  }
}
