/**
 * Made-up people and items whose tastes are known, to measure models where there is no history yet. What is believed of a group of
 * restaurants, and nothing that a model is told:
 *
 * - There are eight circles of people (families, students, office lunches …). Each person is mostly of one or two of them, by a
 *   Dirichlet draw, and each item is mostly for one or two.
 * - Few items are taken by many and most by few (log-normal appeal), and the appeal drifts: each item's goes up and down from week to
 *   week, as a random walk that comes back to its middle.
 * - A third of the items comes in the course of the half year, and campaigns end after some weeks: what is over is not taken any more,
 *   but nobody tells the models.
 * - People differ in how much they do (log-normal), come when they like, and keep to what is offered where they eat: each has one or two
 *   restaurants of six, and takes what runs elsewhere far less often.
 * - One choice in five has nothing to do with tastes: it is what the poster on the wall shows, by appeal alone.
 * - A person's tastes move slowly: half way through the time a quarter of the people change their circle.
 * - Features tell something of circles, and not all: words of names are of the circle three times in four, prices are loosely of it.
 */
import { Random } from '../../draw/random.ts';
import type { Features } from '../recommend/content.ts';
import type { Event, Log } from './split.ts';

const WEEK_MS = 7 * 86_400_000;
const FROM_MS = Date.UTC(2026, 0, 1);
const WEEKS = 26;
const CIRCLES = 8;
const RESTAURANTS = 6;
const WORDS_PER_CIRCLE = 12;
/** Things that somebody does in the half year, in the middle. */
const USUAL_EVENTS = 14;
const POSTER_SHARE = 0.2;
const CHANGING_SHARE = 0.25;
const LATE_SHARE = 0.33;
/** How much more somebody takes of what is for their circle: e to the power of this, at a match of 1. */
const TASTE = 3.5;
const ELSEWHERE = 0.25;
const APPEAL_SPREAD = 0.9;
const DRIFT = 0.25;
const DRIFT_KEPT = 0.9;

export interface Population extends Log {
  features: Features[];
  /** What could be taken at a moment, which is known then. */
  offeredAt(atMs: number): ReadonlySet<number>;
  /** How much each item draws somebody at a moment, which nobody knows: no model can tell better. */
  drawsAt(person: number, atMs: number): Float64Array;
}

interface Person {
  first: number[];
  second: number[];
  homes: ReadonlySet<number>;
}

interface Item {
  circles: number[];
  restaurant: number | null;
  /** Log of it, by week. */
  appeal: number[];
  fromWeek: number;
  toWeek: number;
  features: Features;
}

export function populationOf({
  people,
  items,
  seed,
}: {
  people: number;
  items: number;
  seed: string;
}): Population {
  const chance = new Chance(seed);
  const all = Array.from({ length: items }, () => itemOf(chance));
  const everybody: Person[] = [];
  const events: Event[] = [];
  for (let place = 0; place < people; place++) {
    const person = personOf(chance);
    everybody.push(person);
    events.push(...eventsOf(chance, { person, place, all }));
  }
  events.sort((a, b) => a.atMs - b.atMs || a.person - b.person);
  return {
    people,
    items,
    events,
    features: all.map(({ features }) => features),
    offeredAt: (atMs) => new Set(all.flatMap((item, at) => (isOffered(item, weekOf(atMs)) ? [at] : []))),
    drawsAt(place, atMs) {
      const occasion = occasionOf(everybody[place]!, weekOf(atMs));
      const onPoster = { ...occasion, isPoster: true };
      const sums = [occasion, onPoster].map((one) => all.map((item) => drawOf(item, one)));
      const [byTaste, byPoster] = sums.map((draws) => {
        const sum = draws.reduce((most, draw) => most + draw, 0);
        return draws.map((draw) => draw / sum);
      });
      return Float64Array.from(
        byTaste!,
        (draw, at) => (1 - POSTER_SHARE) * draw + POSTER_SHARE * byPoster![at]!,
      );
    },
  };
}

function weekOf(atMs: number): number {
  return Math.min(WEEKS - 1, Math.floor((atMs - FROM_MS) / WEEK_MS));
}

function isOffered({ fromWeek, toWeek }: Item, week: number): boolean {
  return week >= fromWeek && week < toWeek;
}

function personOf(chance: Chance): Person {
  const first = chance.mixture(CIRCLES, 0.2);
  const second = chance.unit() < CHANGING_SHARE ? chance.mixture(CIRCLES, 0.2) : first;
  return { first, second, homes: new Set([chance.below(RESTAURANTS), chance.below(RESTAURANTS)]) };
}

function occasionOf({ first, second, homes }: Person, week: number): Occasion {
  return { week, homes, circles: week < WEEKS / 2 ? first : second, isPoster: false };
}

function itemOf(chance: Chance): Item {
  const circles = chance.mixture(CIRCLES, 0.25);
  const main = circles.indexOf(Math.max(...circles));
  const isCampaign = chance.unit() < 0.35;
  const type = isCampaign
    ? 'campaign'
    : chance.unit() < 0.6
      ? 'product'
      : chance.unit() < 0.5
        ? 'way'
        : 'offer';
  const restaurant = chance.unit() < 0.6 ? chance.below(RESTAURANTS) : null;
  const fromWeek = chance.unit() < LATE_SHARE ? chance.below(WEEKS - 2) : 0;
  const toWeek = isCampaign ? fromWeek + 6 + chance.below(16) : WEEKS;
  const middle = APPEAL_SPREAD * chance.normal();
  let off = 0;
  const appeal = Array.from({ length: WEEKS }, () => {
    off = DRIFT_KEPT * off + DRIFT * chance.normal();
    return middle + off;
  });
  const price = Math.round(Math.exp(Math.log(100) + 0.35 * main + 0.8 * chance.normal()));
  const words = Array.from({ length: 3 }, () => {
    const circle = chance.unit() < 0.75 ? main : chance.below(CIRCLES);
    return `w${circle}x${chance.below(WORDS_PER_CIRCLE)}`;
  });
  const features = {
    type,
    price,
    value: isCampaign ? price * (5 + chance.below(40)) : null,
    restaurants: restaurant === null ? [] : [restaurant + 1],
    text: words.join(' '),
  };
  return { circles, restaurant, appeal, fromWeek, toWeek, features };
}

interface Living {
  person: Person;
  place: number;
  all: readonly Item[];
}

function eventsOf(chance: Chance, { person, place, all }: Living): Event[] {
  const joinedWeek = chance.unit() < 0.3 ? chance.below(WEEKS - 2) : 0;
  const part = (WEEKS - joinedWeek) / WEEKS;
  const count = Math.max(1, Math.round(USUAL_EVENTS * part * Math.exp(0.8 * chance.normal())));
  return Array.from({ length: count }, (): Event | undefined => {
    const atWeek = joinedWeek + chance.unit() * (WEEKS - joinedWeek);
    const isPoster = chance.unit() < POSTER_SHARE;
    const occasion = { ...occasionOf(person, Math.floor(atWeek)), isPoster };
    const item = chance.pick(all.map((one) => drawOf(one, occasion)));
    const atMs = FROM_MS + Math.floor(atWeek * WEEK_MS);
    return item === undefined ? undefined : { person: place, item, atMs };
  }).filter((event) => event !== undefined);
}

interface Occasion {
  week: number;
  circles: readonly number[];
  homes: ReadonlySet<number>;
  isPoster: boolean;
}

/** How much an item draws somebody at a moment. */
function drawOf(item: Item, { week, circles, homes, isPoster }: Occasion): number {
  if (!isOffered(item, week)) return 0;
  const place = item.restaurant === null || homes.has(item.restaurant) ? 1 : ELSEWHERE;
  const match = isPoster ? 0 : likeness(item.circles, circles);
  return place * Math.exp(item.appeal[week]! + TASTE * match);
}

/** 1: of the same circles in the same parts. */
function likeness(one: readonly number[], other: readonly number[]): number {
  const dot = one.reduce((sum, part, at) => sum + part * other[at]!, 0);
  return dot / (Math.hypot(...one) * Math.hypot(...other));
}

class Chance {
  private readonly random: Random;

  constructor(seed: string) {
    this.random = new Random(seed);
  }

  unit(): number {
    return this.random.word() / 2 ** 32;
  }

  below(count: number): number {
    return this.random.below(count);
  }

  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.unit())) * Math.cos(2 * Math.PI * this.unit());
  }

  /** Parts that are 1 in all: the smaller the evenness, the more of it is in few of them. */
  mixture(count: number, evenness: number): number[] {
    const drawn = Array.from({ length: count }, () => this.gamma(evenness));
    const sum = drawn.reduce((all, one) => all + one, 0) || 1;
    return drawn.map((one) => one / sum);
  }

  /** A place, as likely as its weight says; undefined: all are 0. */
  pick(weights: readonly number[]): number | undefined {
    const sum = weights.reduce((all, one) => all + one, 0);
    if (sum <= 0) return undefined;
    let left = this.unit() * sum;
    for (let at = 0; at < weights.length; at++) {
      left -= weights[at]!;
      if (left < 0) return at;
    }
    return weights.length - 1;
  }

  /** By Marsaglia and Tsang; below 1 by way of the next higher shape. */
  private gamma(shape: number): number {
    if (shape < 1) return this.gamma(shape + 1) * this.unit() ** (1 / shape);
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = this.normal();
      const v = (1 + c * x) ** 3;
      if (v > 0 && Math.log(1 - this.unit()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
    }
  }
}
