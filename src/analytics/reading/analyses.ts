/** Analyses that take seconds: few at a time, and what was found is told again for a while to whoever asks the same. */
import { BoundedReads, type ReadBounds } from '../../platform/boundedReads.ts';
import type { Clock } from '../../platform/clock.ts';
import { LIMITS } from '../../platform/limits.ts';

interface Kept {
  untilMs: number;
  answer: unknown;
}

export class Analyses {
  /** The oldest first. */
  private readonly kept = new Map<string, Kept>();
  private readonly reads: BoundedReads<unknown>;

  constructor(
    private readonly clock: Pick<Clock, 'monotonicMs'>,
    bounds: ReadBounds,
  ) {
    this.reads = new BoundedReads(bounds);
  }

  /** @param asked all that the answer depends on but for the rows. @throws AppError BUSY */
  async answer<Answer>(asked: object, analyse: () => Promise<Answer>): Promise<Answer> {
    const key = JSON.stringify(asked);
    // Whoever has waited for the same may find it now.
    const answer =
      this.find(key) ?? (await this.reads.read(key, async () => this.find(key) ?? this.keep(key, analyse)));
    return answer as Answer;
  }

  private find(key: string): unknown {
    const known = this.kept.get(key);
    return known !== undefined && this.clock.monotonicMs() < known.untilMs ? known.answer : undefined;
  }

  private async keep(key: string, analyse: () => Promise<unknown>): Promise<unknown> {
    const answer = await analyse();
    this.kept.delete(key);
    this.kept.set(key, { untilMs: this.clock.monotonicMs() + LIMITS.keptAnalysisMs, answer });
    const [oldest] = this.kept.keys();
    if (this.kept.size > LIMITS.keptAnalyses) this.kept.delete(oldest!);
    return answer;
  }
}
