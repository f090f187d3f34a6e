/** Makes a model of what people have taken. Pure, and hard work: it runs on a thread (worker.ts). */
import { learn, PARAMETERS, partScorers, plainScorers, type Parameters } from '../recommend/models.ts';
import { eventsOf, type Log } from '../evaluation/split.ts';
import { coverageOf, distinctShareOf, meanOf, ndcgOf, recallOf, TOP } from '../evaluation/measures.ts';
import type { Features } from '../recommend/content.ts';
import { hybridScorer, type Weights } from '../recommend/hybrid.ts';
import { unpacked, type History, type Packed, type Scorer } from '../recommend/history.ts';
import { best } from '../recommend/rank.ts';
import { chooseWeights } from '../recommend/weights.ts';
import type { ItemKey, Model } from './packedModel.ts';

const WEEK_MS = 7 * 86_400_000;
/** Of fewer people nothing is said of how well it tells, and weights are those that told most of made-up people. */
const ENOUGH_PEOPLE = 50;
const MOST_PEOPLE = 2000;
const USUAL_WEIGHTS: Weights = { recent: 1, lift: 2, ease: 2, content: 0.1 };

export interface Training {
  taken: Packed;
  /** How often somebody has done something, of each person. */
  entries: Float64Array;
  items: ItemKey[];
  /** Undefined: it is there no more, and nothing is known of it but who has it. */
  features: (Features | null)[];
  nowMs: number;
  /** Of the one that serves; null: none does. */
  servingWeights: Weights | null;
}

export interface Week {
  people: number;
  ndcg: number | null;
  recall: number | null;
  coverage: number | null;
  distinctShare: number | null;
  servingNdcg: number | null;
  popularityNdcg: number | null;
}

export interface TrainedModel {
  model: Model;
  parameters: Parameters;
  week: Week;
}

export function trainModel({
  taken,
  entries,
  items,
  features: found,
  nowMs,
  servingWeights,
}: Training): TrainedModel {
  const history = unpacked(taken);
  const features = found.map((one, at) => one ?? unknownOf(items[at]!));
  const { weights, week } = lastWeek({ history, items: items.length, features, nowMs, servingWeights });
  const learned = learn(history, { items: items.length, features, nowMs });
  const weekPeople = new Array<number>(items.length).fill(0);
  for (const own of history)
    for (const { item, atMs } of own) if (nowMs - atMs < WEEK_MS) weekPeople[item]! += 1;
  const model: Model = {
    items,
    weights,
    tasteHalfLifeDays: PARAMETERS.tasteHalfLifeDays,
    trainedAtMs: nowMs,
    people: history.length,
    manyEntries: quantile(entries, 0.9),
    shares: Object.fromEntries(learned.shares),
    weekPeople,
    recent: Float32Array.from(learned.recent),
    lift: learned.lift.weights,
    ease: learned.ease.weights,
  };
  return { model, parameters: PARAMETERS, week };
}

interface Judging {
  history: History;
  items: number;
  features: readonly Features[];
  nowMs: number;
  servingWeights: Weights | null;
}

/** Weights by all before the last week, and what they then tell of that week, beside those that serve. */
function lastWeek({ history, items, features, nowMs, servingWeights }: Judging): {
  weights: Weights;
  week: Week;
} {
  const fromMs = nowMs - WEEK_MS;
  const before = history.map((own) => own.filter(({ atMs }) => atMs < fromMs));
  const told = history.flatMap((own, person) => {
    const taken = new Set(own.flatMap(({ item, atMs }) => (atMs >= fromMs ? [item] : [])));
    return before[person]!.length > 0 && taken.size > 0 ? [{ own: before[person]!, taken }] : [];
  });
  const nothing = { ndcg: null, recall: null, coverage: null, distinctShare: null };
  if (told.length < ENOUGH_PEOPLE) {
    const none = { ...nothing, servingNdcg: null, popularityNdcg: null };
    return { weights: USUAL_WEIGHTS, week: { people: told.length, ...none } };
  }
  const log: Log = { people: before.length, items, events: eventsOf(before) };
  const { weights } = chooseWeights(log, { features, parameters: PARAMETERS });
  const step = Math.ceil(told.length / MOST_PEOPLE);
  const looked = told.filter((_, at) => at % step === 0);
  const scorers = partScorers(learn(before, { items, features, nowMs: fromMs }), fromMs);
  const listsOf = (scorer: Scorer) =>
    looked.map(({ own }) => {
      const had = new Set(own.map(({ item }) => item));
      return best(scorer.score(own), TOP, (item) => !had.has(item));
    });
  const meanNdcg = (lists: number[][]) => meanOf(lists.map((list, at) => ndcgOf(list, looked[at]!.taken)));
  const lists = listsOf(hybridScorer(scorers, weights));
  return {
    weights,
    week: {
      people: looked.length,
      ndcg: meanNdcg(lists),
      recall: meanOf(lists.map((list, at) => recallOf(list, looked[at]!.taken))),
      coverage: coverageOf(lists, items),
      distinctShare: distinctShareOf(lists),
      servingNdcg: servingWeights === null ? null : meanNdcg(listsOf(hybridScorer(scorers, servingWeights))),
      popularityNdcg: meanNdcg(listsOf(plainScorers(before, items).popularity)),
    },
  };
}

function unknownOf({ type }: ItemKey): Features {
  return { type, price: null, value: null, restaurants: [], text: '' };
}

function quantile(values: Float64Array, part: number): number {
  const sorted = values.slice().sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}
