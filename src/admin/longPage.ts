import type { LongPage } from '../platform/database/numberedList.ts';

/** A page as it is on the wire. */
export function longPageToWire<Item, Shown>(
  { items, page, limit, total, isTotalExact, next }: LongPage<Item>,
  toWire: (item: Item) => Shown,
) {
  return {
    items: items.map(toWire),
    page,
    limit,
    total,
    total_is_exact: isTotalExact,
    next: next === null ? null : String(next),
  };
}
