import { isDeepStrictEqual } from 'node:util';
import type { Configuration } from './document.ts';

/** A value by its section and name, as `transfers.per_day`. */
export interface Difference {
  field: string;
  before: unknown;
  after: unknown;
}

/** Of two documents, in the order of the second. */
export function differencesBetween(before: Configuration, after: Configuration): Difference[] {
  const known = valuesOf(before);
  return [...valuesOf(after)]
    .map(([field, value]) => ({ field, before: known.get(field), after: value }))
    .filter((one) => !isDeepStrictEqual(one.before, one.after));
}

function valuesOf(document: Configuration): ReadonlyMap<string, unknown> {
  return new Map(
    Object.entries(document).flatMap(([section, values]) =>
      Object.entries(values).map(([name, value]): [string, unknown] => [`${section}.${name}`, value]),
    ),
  );
}
