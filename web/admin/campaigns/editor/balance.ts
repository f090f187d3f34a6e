/** The arithmetic of probabilities that come to more than one. In units of 10⁻⁸, as draws have them. */
import type { CampaignBody } from '../wire.ts';
import { sumOf } from './texts.ts';

export interface Fix {
  /** Which prizes get which probability, by their place. */
  changes: { at: number; probability: number }[];
}

/** @returns undefined when they come to one at most. What is too much is taken from the likeliest; is that too little, of each its part. */
export function fixOf(body: CampaignBody): Fix | undefined {
  const units = body.prizes.map(({ probability }) => Math.round((probability || 0) * 1e8));
  const excess = Math.round(sumOf(body) * 1e8) - 1e8;
  if (excess <= 0) return undefined;
  const most = Math.max(...units);
  if (most > excess) return { changes: [{ at: units.indexOf(most), probability: (most - excess) / 1e8 }] };
  const sum = 1e8 + excess;
  return { changes: units.map((unit, at) => ({ at, probability: Math.floor((unit * 1e8) / sum) / 1e8 })) };
}
