import type { Dialect } from './sources.ts';

/**
 * What follows a table's name for a query to read by that index, in its order. By statistics, which are always old, reading and
 * sorting all rows may look cheaper than the few that a LIMIT asks for, and the plan flips from one day to the next.
 */
export function forceIndex(dialect: Dialect, index: string): string {
  return dialect === 'mysql' ? ` FORCE INDEX (${index})` : ` INDEXED BY ${index}`;
}
