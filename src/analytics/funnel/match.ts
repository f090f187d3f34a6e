/** How many steps in a row there are deeds for, one for each, and none for two. */

/** No funnel has more steps. */
export const MOST_STEPS = 8;

/**
 * @param masks by deed, the steps that it may be
 * @returns the step before which all from the given one on have a deed of their own; that one itself where it has none
 */
export function stepsMatched(masks: readonly number[], from: number, steps: number): number {
  const deeds = atMostSoMany(masks);
  /** By deed, the step that it is. */
  const taken = new Array<number | undefined>(deeds.length);
  for (let step = from; step < steps; step++) {
    if (!findDeed(step, { deeds, taken, seen: new Set() })) return step;
  }
  return steps;
}

interface Matching {
  deeds: readonly number[];
  taken: (number | undefined)[];
  seen: Set<number>;
}

/** Takes one that is free, or one whose step finds another. */
function findDeed(step: number, matching: Matching): boolean {
  const { deeds, taken, seen } = matching;
  for (const [at, mask] of deeds.entries()) {
    if ((mask & (1 << step)) === 0 || seen.has(at)) continue;
    seen.add(at);
    const other = taken[at];
    if (other !== undefined && !findDeed(other, matching)) continue;
    taken[at] = step;
    return true;
  }
  return false;
}

/** Of deeds that may be the same steps, more than there are steps are of no use: somebody may have a thousand at one moment. */
function atMostSoMany(masks: readonly number[]): number[] {
  const counts = new Map<number, number>();
  return masks.filter((mask) => {
    const count = (counts.get(mask) ?? 0) + 1;
    counts.set(mask, count);
    return mask !== 0 && count <= MOST_STEPS;
  });
}
