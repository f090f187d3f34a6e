/** One day beside what is usual on such a day. */
import { listRestaurants } from '../restaurants/restaurants.ts';
import { toWireTime } from '../platform/shapes.ts';
import { dayAfter } from '../points/statistics/periods.ts';
import { FIGURES, type Daily, type DayRow, type FigureName, type Figures } from './messages.ts';
import { daysBetween, NOTHING, readDays, readPlaces, type ReadingServices, type Scope } from './readDays.ts';

const WEEKS = 4;
const SHOWN_DAYS = 14;

export async function readDaily(services: ReadingServices, day: string, scope: Scope): Promise<Daily> {
  const { database, businessTimezone } = services;
  const [{ rows, countedToMs }, restaurants] = await Promise.all([
    readDays(services, daysBetween(dayAfter(day, -7 * WEEKS), day), scope),
    listRestaurants(database),
  ]);
  const past = Array.from({ length: WEEKS }, (_, week) => rows[week * 7]!).filter(hasAnything);
  const shown = restaurants.filter(({ restaurant_id: id }) => scope?.includes(id) ?? true);
  const places = await readPlaces(
    services,
    day,
    shown.map(({ restaurant_id: id }) => id),
  );
  return {
    business_timezone: businessTimezone,
    counted_to: toWireTime(countedToMs),
    restaurant_ids: scope === undefined ? null : [...scope],
    day: rows.at(-1)!,
    usual: usualOf(past),
    weeks: past.length,
    days: rows.slice(-SHOWN_DAYS),
    restaurants: shown.flatMap(({ restaurant_id, name }) => {
      const figures = places.get(restaurant_id);
      return figures === undefined ? [] : [{ restaurant_id, name, ...figures }];
    }),
  };
}

/** By which it is seen that the house was open. */
const SIGNS: readonly FigureName[] = ['diners', 'draws', 'bills', 'items_redeemed', 'answers', 'members'];

function hasAnything(row: DayRow): boolean {
  return row.is_complete && SIGNS.some((name) => (row[name] ?? 0) > 0);
}

/** Of a stock there is nothing usual: it grows or shrinks. */
const STOCKS: ReadonlySet<FigureName> = new Set(['points_outstanding']);

export function usualOf(past: readonly Figures[]): Figures {
  const usual = { ...NOTHING };
  for (const name of FIGURES) {
    const values = past.flatMap((row) => row[name] ?? []);
    if (values.length === 0 || STOCKS.has(name)) continue;
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    usual[name] = name === 'redemption_rate' ? mean : Math.round(mean * 10) / 10;
  }
  return usual;
}
