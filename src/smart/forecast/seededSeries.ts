/**
 * Series of days as restaurants have them, made by chance: a level, weekdays, the year, festivals, days that resemble the one before,
 * weather, levels that shift, and evenings without electricity. They are made by what places are like and not by what the forecast
 * assumes: festivals multiply, the year is no sine, chance is more than that of counts.
 */
import { Random } from '../../draw/random.ts';
import { dayAfter } from '../../points/statistics/periods.ts';

export interface DatedValue {
  day: string;
  value: number;
}

export interface Seeded {
  seed: string;
  from: string;
  days: number;
  /** Days of festivals by name, and which of its days each is; undefined: none. */
  festivalOn(day: string): { name: string; away: number } | undefined;
}

const WEEKDAYS = {
  dinner: [0.85, 0.82, 0.9, 0.95, 1.2, 1.35, 1.1],
  office: [1.15, 1.18, 1.15, 1.12, 1.05, 0.6, 0.5],
  even: [0.97, 0.95, 0.98, 1, 1.05, 1.08, 1.02],
} as const;

const WORD = 2 ** 32;

export class Chance {
  private readonly random: Random;

  constructor(seed: string) {
    this.random = new Random(seed);
  }

  /** In [0, 1). */
  part(): number {
    return this.random.word() / WORD;
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.part();
  }

  pick<T>(of: readonly T[]): T {
    return of[this.random.below(of.length)]!;
  }

  /** Of the standard normal distribution (Box and Muller). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.part())) * Math.cos(2 * Math.PI * this.part());
  }

  /** A count that comes by chance with this mean. */
  count(mean: number): number {
    if (mean <= 0) return 0;
    if (mean > 60) return Math.max(0, Math.round(mean + Math.sqrt(mean) * this.normal()));
    const limit = Math.exp(-mean);
    let product = this.part();
    let count = 0;
    for (; product > limit; count++) product *= this.part();
    return count;
  }
}

/** What festivals make of a day: some places are full then, others are closed. */
function festivalsOf(chance: Chance): (name: string, away: number) => number {
  const spring = chance.pick([0.25, 0.4, 1.6]);
  const others = new Map<string, number>();
  return (name, away) => {
    if (name === '春节') return 1 + (spring - 1) * (away === 0 ? 1 : Math.max(0, 1 - away / 5));
    if (!others.has(name)) others.set(name, chance.between(0.8, 1.6));
    return away === 0 ? others.get(name)! : 1;
  };
}

export function seededSeries({ seed, from, days, festivalOn }: Seeded): DatedValue[] {
  const chance = new Chance(seed);
  const weekdays = WEEKDAYS[chance.pick(['dinner', 'office', 'even'] as const)];
  const festival = festivalsOf(chance);
  const year = { swing: chance.between(0.05, 0.25), at: chance.part(), second: chance.between(0, 0.08) };
  const [growth, noise, memory] = [
    chance.between(-0.2, 0.5),
    chance.between(0.05, 0.15),
    chance.between(0, 0.5),
  ];
  const shifts = Array.from({ length: chance.pick([0, 1, 1, 2]) }, () => ({
    at: Math.floor(chance.between(0.2, 0.95) * days),
    factor: chance.pick([0.7, 0.8, 1.25, 1.4]),
  }));
  let level = Math.exp(chance.between(Math.log(25), Math.log(1500)));
  let lasting = 0;
  return Array.from({ length: days }, (_, at) => {
    const day = dayAfter(from, at);
    for (const shift of shifts) if (shift.at === at) level *= shift.factor;
    const phase = 2 * Math.PI * (at / 365.25 + year.at);
    lasting = memory * lasting + noise * Math.sqrt(1 - memory ** 2) * chance.normal();
    const on = festivalOn(day);
    const broken = chance.part() < 0.004 ? chance.between(0.2, 0.6) : 1;
    const mean =
      level *
      (1 + growth) ** (at / 365.25) *
      weekdays[(new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7]! *
      (1 + year.swing * Math.cos(phase) + year.second * Math.cos(2 * phase)) *
      (on === undefined ? 1 : festival(on.name, on.away)) *
      Math.exp(lasting) *
      broken;
    return { day, value: chance.count(mean) };
  });
}
