/** Weights of a hybrid, chosen by what they would have told of a time that is known: the last part of a history. */
import { coverageOf, ndcgOf, TOP } from '../evaluation/measures.ts';
import { splitAt, type Log } from '../evaluation/split.ts';
import type { Features } from './content.ts';
import { combined, scoresOf, type Weights } from './hybrid.ts';
import { learn, partScorers, type Parameters } from './models.ts';
import { best } from './rank.ts';

/** What lies before the moment that is told of. */
const KNOWN_PART = 0.85;
/** People whose lists are looked at; of more, as many of them at equal distances. */
const MOST_PEOPLE = 800;
/** Of what is offered, the part that is shown to somebody; less only where no weights show as much. */
const SHOWN_PART = 0.6;
/** Then, of those that tell nearly as much as the best, the ones that show most. */
const NEARLY = 0.95;

/** Parts are logarithms; those of EASE are of another size. */
const TRIED = {
  lift: [0, 1, 1.5, 2, 2.5, 3],
  ease: [0, 2, 5],
  content: [0, 0.05, 0.1, 0.2],
} as const;

export interface Chosen {
  weights: Weights;
  /** Of the lists that they make. */
  ndcg: number;
  people: number;
}

export interface Choosing {
  features: readonly Features[] | undefined;
  /** What could be taken at a moment; undefined: nobody knows, and all is tried. */
  offeredAt?: ((atMs: number) => ReadonlySet<number>) | undefined;
  parameters: Parameters;
}

export function chooseWeights(log: Log, { features, offeredAt, parameters }: Choosing): Chosen {
  const { splitMs, before, after } = splitAt(log, KNOWN_PART);
  const offered = offeredAt?.(splitMs);
  const isOffered = (item: number) => offered?.has(item) ?? true;
  const learned = learn(before, { items: log.items, features, nowMs: splitMs }, parameters);
  const scorers = partScorers(learned, splitMs, parameters);
  const told = before.flatMap((own, person) => {
    const taken = new Set([...after[person]!].filter(isOffered));
    return own.length > 0 && taken.size > 0 ? [{ own, taken }] : [];
  });
  const step = Math.max(1, Math.ceil(told.length / MOST_PEOPLE));
  const looked = told
    .filter((_, at) => at % step === 0)
    .map(({ own, taken }) => ({
      had: new Set(own.map(({ item }) => item)),
      taken,
      scores: scoresOf(scorers, own),
    }));
  const known = new Set(before.flatMap((own) => own.map(({ item }) => item)));
  const shown = [...known].filter(isOffered).length;
  const tried = WAYS.map((weights) => {
    const lists = looked.map(({ had, scores }) =>
      best(combined(scores, weights), TOP, (item) => isOffered(item) && !had.has(item)),
    );
    const sum = lists.reduce((all, list, at) => all + ndcgOf(list, looked[at]!.taken), 0);
    return { weights, ndcg: sum / Math.max(1, looked.length), coverage: coverageOf(lists, shown) };
  });
  const wide = tried.filter(({ coverage }) => coverage >= SHOWN_PART);
  const most = Math.max(...tried.map(({ ndcg: one }) => one));
  const near = tried.filter(({ ndcg: one }) => one >= NEARLY * most);
  const { weights, ndcg } = wide.length > 0 ? highest(wide, 'ndcg') : highest(near, 'coverage');
  return { weights, ndcg, people: looked.length };
}

const WAYS: readonly Weights[] = TRIED.lift.flatMap((lift) =>
  TRIED.ease.flatMap((ease) => TRIED.content.map((content) => ({ recent: 1, lift, ease, content }))),
);

function highest<Tried>(all: readonly Tried[], by: keyof Tried): Tried {
  return all.reduce((one, other) => (other[by] > one[by] ? other : one));
}
