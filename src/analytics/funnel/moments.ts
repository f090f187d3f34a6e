/** The deeds of one unit as a funnel looks at them, and what it finds. */
import { stepsOf, type Deed, type Funnel, type Span } from './definition.ts';

export interface Passage {
  /** Steps that are done; 0: it has not begun. */
  reached: number;
  startMs: number;
  endMs: number;
  /** By step that is done. Of `any` there are none: which deed is which step may be told in several ways. */
  timesMs: readonly number[] | undefined;
}

/** Deeds of one moment. */
export interface Moment {
  atMs: number;
  /** By deed, the steps that it may be. */
  masks: readonly number[];
}

export interface Walk extends Span {
  windowMs: number;
  steps: number;
}

export const NO_PASSAGE: Passage = { reached: 0, startMs: 0, endMs: 0, timesMs: [] };

/** Of a strict one all deeds of the kinds that the steps are of: each of them comes in between. */
export function momentsOf({ steps, order }: Funnel, deeds: readonly Deed[]): Moment[] {
  const kinds = new Set(steps.map(({ kind }) => kind));
  const moments: { atMs: number; masks: number[] }[] = [];
  for (const deed of deeds) {
    const mask = stepsOf({ steps }, deed);
    if (mask === 0 && !(order === 'strict' && kinds.has(deed.kind))) continue;
    const last = moments.at(-1);
    if (last?.atMs === deed.atMs) last.masks.push(mask);
    else moments.push({ atMs: deed.atMs, masks: [mask] });
  }
  return moments;
}
