/** Who uses what, how often, on which day; and for how long people stay on a page. */
import type { Behavior } from '../reading/readBehaviors.ts';
import { Spread, type SpreadFigures } from './spread.ts';

const MOST_NAMES = 50;

export interface FeatureUse {
  kind: string;
  name: string;
  day: string;
  people: number;
  visits: number;
  times: number;
}

export class FeatureTally {
  private readonly uses = new Map<string, FeatureUse>();

  constructor(private readonly dayOf: (timeMs: number) => string) {}

  /** @param behaviors all of one person */
  add(behaviors: readonly Behavior[]): void {
    const used = behaviors.filter(({ kind }) => kind === 'page' || kind === 'action');
    const byUse = Map.groupBy(used, ({ kind, name, atMs }) => JSON.stringify([kind, name, this.dayOf(atMs)]));
    for (const [key, own] of byUse) {
      const use = this.uses.get(key) ?? nothingOf(key);
      use.people += 1;
      use.visits += new Set(own.map(({ visitId }) => visitId)).size;
      use.times += own.length;
      this.uses.set(key, use);
    }
  }

  /** Of the names that were used most, by day. */
  report(): FeatureUse[] {
    const byName = [...Map.groupBy(this.uses.values(), ({ kind, name }) => `${kind} ${name}`).values()];
    const timesOf = (uses: readonly FeatureUse[]) => uses.reduce((sum, { times }) => sum + times, 0);
    return byName
      .sort((a, b) => timesOf(b) - timesOf(a))
      .slice(0, MOST_NAMES)
      .flatMap((uses) => uses.sort((a, b) => (a.day < b.day ? -1 : 1)));
  }
}

function nothingOf(key: string): FeatureUse {
  const [kind, name, day] = JSON.parse(key) as [string, string, string];
  return { kind, name, day, people: 0, visits: 0, times: 0 };
}

export class DwellTally {
  private readonly pages = new Map<string, { people: number; spread: Spread }>();

  /** @param behaviors all of one person */
  add(behaviors: readonly Behavior[]): void {
    const dwells = behaviors.filter(({ kind, durationMs }) => kind === 'dwell' && durationMs !== null);
    for (const [name, own] of Map.groupBy(dwells, (dwell) => dwell.name)) {
      const page = this.pages.get(name) ?? { people: 0, spread: new Spread() };
      page.people += 1;
      for (const { durationMs } of own) page.spread.add(durationMs!);
      this.pages.set(name, page);
    }
  }

  /** Those on which people are most often. */
  report(): ({ name: string; people: number } & SpreadFigures)[] {
    return [...this.pages]
      .map(([name, { people, spread }]) => ({ name, people, ...spread.figures()! }))
      .sort((a, b) => b.entries - a.entries)
      .slice(0, MOST_NAMES);
  }
}
