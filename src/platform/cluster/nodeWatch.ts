export interface NodeWatchOptions<Watched> {
  intervalMs: number;
  /** Looks at all that is watched at once. One look at a time. */
  look(watched: readonly Watched[]): Promise<void>;
  onError(error: unknown): void;
}

/**
 * Looks after everything of one kind that this node has, with one look per interval however many there are (ROOM-7); while
 * there is nothing, not at all. A node that was stopped looks as soon as it goes on.
 */
export class NodeWatch<Watched> {
  private readonly watched = new Set<Watched>();
  private timer: NodeJS.Timeout | undefined;
  private isLooking = false;

  constructor(private readonly options: NodeWatchOptions<Watched>) {}

  /** Returns how to end it. */
  add(watched: Watched): () => void {
    this.watched.add(watched);
    this.timer ??= setInterval(() => void this.lookNow(), this.options.intervalMs);
    return () => {
      this.watched.delete(watched);
      if (this.watched.size > 0) return;
      clearInterval(this.timer);
      this.timer = undefined;
    };
  }

  get all(): readonly Watched[] {
    return [...this.watched];
  }

  private async lookNow(): Promise<void> {
    if (this.isLooking) return;
    this.isLooking = true;
    try {
      await this.options.look([...this.watched]);
    } catch (error) {
      this.options.onError(error);
    } finally {
      this.isLooking = false;
    }
  }
}
