/** Where a roll has fallen, at true scale, and around it enlarged. */
import { DrawEngine } from '../../../src/draw/engine.ts';
import { ROLL_RANGE } from '../../../src/draw/odds.ts';
import type { Proof } from '../../../src/verifier/publishedShapes.ts';

export interface Part {
  prizeId: number | null;
  name: string | undefined;
  from: number;
  to: number;
  isHit: boolean;
}

export interface Ruler {
  parts: Part[];
  /** What the lens shows. */
  lens: { from: number; to: number };
  /** Share of all rolls that give the same. */
  share: number;
}

/** The lens is so many times as wide as what was hit. */
const LENS = 4;
/** What is wider than this part of everything needs no lens. */
const WIDE = 0.25;

export function rulerOf(proof: Proof): Ruler {
  const { prizeIds, cumulative } = new DrawEngine(proof.config).tableFor(proof);
  const ends = [...cumulative, ROLL_RANGE];
  const parts = ends.map((to, at): Part => {
    const from = at === 0 ? 0 : ends[at - 1]!;
    const prizeId = prizeIds[at] ?? null;
    const name = proof.config.prizes.find(({ prize_id }) => prize_id === prizeId)?.name;
    return { prizeId, name, from, to, isHit: from <= proof.roll && proof.roll < to };
  });
  const hit = parts.find(({ isHit }) => isHit)!;
  const width = hit.to - hit.from;
  const share = width / ROLL_RANGE;
  if (share > WIDE) return { parts, lens: { from: 0, to: ROLL_RANGE }, share };
  const middle = (hit.from + hit.to) / 2;
  const half = (width * LENS) / 2;
  const from = Math.min(Math.max(0, middle - half), ROLL_RANGE - 2 * half);
  return { parts: parts.filter(({ from, to }) => to > from), lens: { from, to: from + 2 * half }, share };
}
