/** The best of many, by their scores. */

/** Indices of the highest scores among the candidates, highest first; at the same score the lower index. */
export function best(
  scores: Float64Array,
  most: number,
  isCandidate: (item: number) => boolean = () => true,
): number[] {
  const kept: number[] = [];
  for (let item = 0; item < scores.length; item++) {
    if (!isCandidate(item)) continue;
    const score = scores[item]!;
    if (kept.length === most && score <= scores[kept.at(-1)!]!) continue;
    let at = kept.length;
    while (at > 0 && scores[kept[at - 1]!]! < score) at -= 1;
    kept.splice(at, 0, item);
    if (kept.length > most) kept.pop();
  }
  return kept;
}
