/**
 * What shows a draw: a wheel, a grid or a slot. It decides nothing: it runs while the server does, and comes to rest on what the
 * server said, found by its prize's id among what stands there at that moment (RW-1).
 *
 * resting → running (`spin`) → stopping (`stopAt`, `giveUp`) → resting.
 */
export interface Stage {
  /** Begins to run, and runs until it is told where to stop. */
  spin(): void;
  /** @param prizeId null: nothing is won. @returns when it rests there; a page that nobody looks at does not wait */
  stopAt(prizeId: number | null): Promise<void>;
  /** Nothing was drawn: it comes to rest where nothing is meant. */
  giveUp(): Promise<void>;
  /** Comes to rest at once, where it was about to. */
  skip(): void;
}

/** Whether nothing is to move: asked for, or nobody looks. */
export function isStill(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches || document.visibilityState === 'hidden';
}

/** Ends when the animation does, when it is skipped, or when nobody looks any more. */
export class Motion {
  private end: (() => void) | undefined;

  get isRunning(): boolean {
    return this.end !== undefined;
  }

  /** @param begin starts it, and returns how it is broken off */
  async run(begin: (done: () => void) => () => void): Promise<void> {
    await new Promise<void>((resolve) => {
      const onHidden = () => {
        if (document.visibilityState === 'hidden') this.skip();
      };
      const finish = () => {
        this.end = undefined;
        document.removeEventListener('visibilitychange', onHidden);
        resolve();
      };
      document.addEventListener('visibilitychange', onHidden);
      const breakOff = begin(finish);
      this.end = () => {
        breakOff();
        finish();
      };
    });
  }

  skip(): void {
    this.end?.();
  }
}
