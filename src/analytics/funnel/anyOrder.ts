/*
 * A passage whose steps may be done in any order. What it needs is a deed for each of the first steps within a window that begins in the
 * span. A deed that may be one of those steps can always take the place of another (deeds and steps are a matroid): so of deeds that are
 * enough, those may begin with any such deed.
 */
import { MOST_STEPS, stepsMatched } from './match.ts';
import { NO_PASSAGE, type Moment, type Passage, type Walk } from './moments.ts';

export function passageInAnyOrder(walk: Walk, moments: readonly Moment[]): Passage {
  const window = new MaskWindow(walk, moments);
  let furthest = NO_PASSAGE;
  for (const [at, { atMs }] of moments.entries()) {
    if (!window.moveTo(at)) continue;
    const reached = window.reached();
    if (reached <= furthest.reached) continue;
    furthest = { reached, startMs: window.latestStart(reached), endMs: atMs, timesMs: undefined };
  }
  return furthest;
}

/** The moments that a passage may be of which ends with a given one. */
class MaskWindow {
  private from = 0;
  private to = -1;
  private readonly counts = new Map<number, number>();

  constructor(
    private readonly walk: Walk,
    private readonly moments: readonly Moment[],
  ) {}

  /** @returns whether any may end here */
  moveTo(at: number): boolean {
    this.to = at;
    this.count(at, 1);
    const { atMs } = this.moments[at]!;
    const leftMs = Math.max(atMs - this.walk.windowMs, this.walk.fromMs);
    while (this.from <= at && this.moments[this.from]!.atMs < leftMs) this.count(this.from++, -1);
    return this.from <= at;
  }

  reached(): number {
    const masks = [...this.counts].flatMap(([mask, count]) =>
      new Array<number>(Math.min(count, MOST_STEPS)).fill(mask),
    );
    const reached = stepsMatched(masks, 0, this.walk.steps);
    return this.lastBeginning(reached) === undefined ? 0 : reached;
  }

  latestStart(reached: number): number {
    const masks: number[] = [];
    let at = this.to + 1;
    for (let matched = 0; matched < reached;) {
      const known = masks.length;
      for (const mask of this.moments[--at]!.masks)
        if (masks.filter((one) => one === mask).length < MOST_STEPS) masks.push(mask);
      if (masks.length > known) matched = stepsMatched(masks, 0, reached);
    }
    return Math.min(this.moments[at]!.atMs, this.lastBeginning(reached)!);
  }

  /** Of a deed within the span that may be one of so many steps. */
  private lastBeginning(reached: number): number | undefined {
    const steps = (1 << reached) - 1;
    for (let at = this.to; at >= this.from; at--) {
      const { atMs, masks } = this.moments[at]!;
      if (atMs < this.walk.toMs && masks.some((mask) => (mask & steps) !== 0)) return atMs;
    }
    return undefined;
  }

  private count(at: number, by: 1 | -1): void {
    for (const mask of this.moments[at]!.masks) {
      const count = (this.counts.get(mask) ?? 0) + by;
      if (count === 0) this.counts.delete(mask);
      else this.counts.set(mask, count);
    }
  }
}
