/**
 * How well models tell what people take next (RS-6, RS-8): one moment in time for everybody, all items ranked, those that somebody has
 * already left out. An item that nobody had by then cannot be told by any of them; how many were is said.
 */
import { Random } from '../../draw/random.ts';
import type { Features } from '../recommend/content.ts';
import type { Scorer, Taken } from '../recommend/history.ts';
import { hybridScorer, type Weights } from '../recommend/hybrid.ts';
import { learn, PARAMETERS, partScorers, plainScorers } from '../recommend/models.ts';
import { best } from '../recommend/rank.ts';
import { chooseWeights } from '../recommend/weights.ts';
import {
  bootstrap,
  coverageOf,
  distinctShareOf,
  meanOf,
  ndcgOf,
  recallOf,
  TOP,
  type Interval,
} from './measures.ts';
import { eventsOf, splitAt, type Log } from './split.ts';

export const MODELS = [
  'random',
  'popularity',
  'recent',
  'neighbours',
  'ease',
  'lift',
  'content',
  'hybrid',
] as const;
export type ModelName = (typeof MODELS)[number];

export interface Figure extends Interval {
  mean: number;
}

export interface Measured {
  recall: Figure;
  ndcg: Figure;
  coverage: number;
  distinctShare: number;
}

export interface Comparison {
  /** Whose lists were looked at: those who had something before, and took something new afterwards. */
  people: number;
  items: number;
  /** Of all that was taken afterwards, the part that nobody had before, or that was not offered then. */
  newShare: number;
  splitMs: number;
  weights: Weights;
  models: Record<ModelName, Measured>;
  /** NDCG of the hybrid by that of another. */
  ratios: Record<'popularity' | 'neighbours', Figure>;
}

const KNOWN_PART = 0.8;

export interface Compared {
  features: readonly Features[] | undefined;
  /** As of a server: what is over is shown to nobody, by no model. Undefined: it is not known. */
  offeredAt?: ((atMs: number) => ReadonlySet<number>) | undefined;
  seed: string;
}

export function compare(log: Log, { features, offeredAt, seed }: Compared): Comparison {
  const { splitMs, before, after } = splitAt(log, KNOWN_PART);
  const offered = offeredAt?.(splitMs);
  const had = new Set(before.flatMap((own) => own.map(({ item }) => item)));
  const known = new Set([...had].filter((item) => offered?.has(item) ?? true));
  const told = before.flatMap((own, person) => {
    const taken = new Set([...after[person]!].filter((item) => known.has(item)));
    return own.length > 0 && taken.size > 0 ? [{ own, taken }] : [];
  });
  const learned = learn(before, { items: log.items, features, nowMs: splitMs });
  const parts = partScorers(learned, splitMs);
  const train = { people: log.people, items: log.items, events: eventsOf(before) };
  const { weights } = chooseWeights(train, { features, offeredAt, parameters: PARAMETERS });
  const scorers: Record<ModelName, Scorer> = {
    ...plainScorers(before, log.items),
    ...parts,
    random: shuffledScorer(log.items, seed),
    hybrid: hybridScorer(parts, weights),
  };
  const listed = MODELS.map((name) => ({ name, lists: listsOf(scorers[name], told, known) }));
  const ndcgs = new Map(
    listed.map(({ name, lists }) => [name, lists.map((list, at) => ndcgOf(list, told[at]!.taken))]),
  );
  const measured = listed.map(({ name, lists }): [ModelName, Measured] => {
    const recalls = lists.map((list, at) => recallOf(list, told[at]!.taken));
    return [
      name,
      {
        recall: figureOf(recalls, `${seed} recall`),
        ndcg: figureOf(ndcgs.get(name)!, `${seed} ndcg`),
        coverage: coverageOf(lists, known.size),
        distinctShare: distinctShareOf(lists),
      },
    ];
  });
  const taken = after.flatMap((items) => [...items]);
  const ratio = (other: ModelName) => ratioOf(ndcgs.get('hybrid')!, ndcgs.get(other)!, `${seed} ratio`);
  return {
    people: told.length,
    items: known.size,
    newShare: meanOf(taken.map((item) => (known.has(item) ? 0 : 1))),
    splitMs,
    weights,
    models: Object.fromEntries(measured) as Record<ModelName, Measured>,
    ratios: { popularity: ratio('popularity'), neighbours: ratio('neighbours') },
  };
}

function listsOf(
  scorer: Scorer,
  told: readonly { own: readonly Taken[] }[],
  known: ReadonlySet<number>,
): number[][] {
  return told.map(({ own }) => {
    const had = new Set(own.map(({ item }) => item));
    return best(scorer.score(own), TOP, (item) => known.has(item) && !had.has(item));
  });
}

/** Another order for each who asks. */
function shuffledScorer(items: number, seed: string): Scorer {
  const random = new Random(seed);
  return { score: () => Float64Array.from({ length: items }, () => random.below(2 ** 30)) };
}

function figureOf(values: readonly number[], seed: string): Figure {
  const meanAt = (places: Int32Array) => {
    let sum = 0;
    for (const at of places) sum += values[at]!;
    return sum / places.length;
  };
  return { mean: meanOf(values), ...bootstrap(values.length, meanAt, new Random(seed)) };
}

/** The same people on both sides. */
function ratioOf(ours: readonly number[], theirs: readonly number[], seed: string): Figure {
  const ratioAt = (places: Int32Array) => {
    let [our, their] = [0, 0];
    for (const at of places) {
      our += ours[at]!;
      their += theirs[at]!;
    }
    return our / their;
  };
  return { mean: meanOf(ours) / meanOf(theirs), ...bootstrap(ours.length, ratioAt, new Random(seed)) };
}
