import { mean } from 'simple-statistics';
import type { Roots } from './series.ts';

/** So many neighbours of the same place in the season stand in for one that is not there. */
const NEIGHBOURS = 6;

/** Without gaps. */
export function filled(roots: Roots, season: number): number[] {
  const known = roots.filter((root) => root !== null);
  const usual = known.length === 0 ? 0 : mean(known);
  return roots.map((root, at) => {
    if (root !== null) return root;
    const near: number[] = [];
    for (let away = season; near.length < NEIGHBOURS && away < roots.length; away += season)
      near.push(...[roots[at - away], roots[at + away]].filter((one) => one != null));
    return near.length === 0 ? usual : mean(near);
  });
}
