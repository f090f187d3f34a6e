/** What is found in what clients tell of: paths, features, and how long people stay. */
import { businessDayOf } from '../../platform/clock.ts';
import { readBehaviors, type Wanted } from '../reading/readBehaviors.ts';
import { readUserDays } from '../reading/readUserDays.ts';
import { FEATURES } from '../windows.ts';
import { ofPerson, type Asked } from './asked.ts';
import { DwellTally, FeatureTally } from './features.ts';
import type { Finding } from './messages.ts';
import { PathTally } from './paths.ts';

/** Time zones have their days begin at quarters of an hour. */
const QUARTER_MS = 900_000;

export async function findPaths(asked: Asked): Promise<Finding<'paths'>> {
  const { page: start, depth } = asked.query;
  const tally = new PathTally({ start, depth });
  for await (const { behaviors } of behaviorsOf(asked, ['page'])) tally.add(behaviors);
  const { visits, edges: items, others } = tally.report();
  return { unit: 'visit', visits, others, items };
}

export async function findFeatures(asked: Asked): Promise<Finding<'features'>> {
  const days = new Map<number, string>();
  const dayOf = (timeMs: number) => {
    const quarter = Math.floor(timeMs / QUARTER_MS);
    const day = days.get(quarter) ?? businessDayOf(quarter * QUARTER_MS, asked.range.timezone);
    days.set(quarter, day);
    return day;
  };
  const tally = new FeatureTally(dayOf);
  for await (const { behaviors } of behaviorsOf(asked, ['page', 'action'])) tally.add(behaviors);
  const told = tally.report().map((use) => ({ source: 'client' as const, ...use }));
  const items = [...(await productUses(asked)), ...told].map((use) => ({
    ...use,
    is_complete: use.day < asked.today,
  }));
  return { unit: 'person', items };
}

/** Of what the product keeps by itself. */
async function productUses(asked: Asked) {
  const { services, range, budget } = asked;
  const uses = new Map<string, { name: string; day: string; people: number; times: number }>();
  const between = { from: range.from, to: range.to, ...ofPerson(asked) };
  for await (const { days } of readUserDays(services.database, between, budget))
    for (const day of days)
      for (const name of FEATURES) {
        if (day[name] === 0) continue;
        const key = `${name} ${day.day}`;
        const use = uses.get(key) ?? { name, day: day.day, people: 0, times: 0 };
        use.people += 1;
        use.times += day[name];
        uses.set(key, use);
      }
  return [...uses]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, use]) => ({ source: 'product' as const, kind: 'feature', visits: null, ...use }));
}

export async function findDwells(asked: Asked): Promise<Finding<'dwell'>> {
  const tally = new DwellTally();
  for await (const { behaviors } of behaviorsOf(asked, ['dwell'])) tally.add(behaviors);
  const items = tally.report().map(({ name, people, entries, mean, median, p90 }) => ({
    ...{ name, people, times: entries },
    ...{ median_seconds: median / 1000, p90_seconds: p90 / 1000, mean_seconds: mean / 1000 },
  }));
  return { unit: 'person', items };
}

function behaviorsOf(asked: Asked, kinds: readonly string[]) {
  const { services, range, budget } = asked;
  const wanted: Wanted[] = kinds.map((kind) => ({ kind }));
  const { fromMs, toMs } = range;
  return readBehaviors(services.database, { fromMs, toMs, wanted, ...ofPerson(asked) }, budget);
}
