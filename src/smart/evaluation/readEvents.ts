/** A history out of a file of user, item, time. */
import { parse } from 'csv-parse/sync';
import type { Log } from './split.ts';

/** Names may be anything; a time is ISO 8601 or milliseconds since 1970. A first line of `user,item,time` is passed over. @throws Error */
export function readLog(csv: string): Log {
  const rows: string[][] = parse(csv, { bom: true, skip_empty_lines: true, trim: true });
  const people = new Map<string, number>();
  const items = new Map<string, number>();
  const events = rows.slice(rows[0]?.[0]?.toLowerCase() === 'user' ? 1 : 0).map((row, at) => {
    const [user, item, time] = row;
    const atMs = /^\d+$/.test(time ?? '') ? Number(time) : Date.parse(time ?? '');
    if (user === undefined || item === undefined || !Number.isFinite(atMs))
      throw new Error(`Row ${at + 1} is not user,item,time`);
    return { person: placeOf(people, user), item: placeOf(items, item), atMs };
  });
  return { people: people.size, items: items.size, events };
}

function placeOf(places: Map<string, number>, name: string): number {
  const place = places.get(name) ?? places.size;
  places.set(name, place);
  return place;
}
