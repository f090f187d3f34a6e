import type { Dialect } from './sources.ts';

/** A longer list is rare, and could outgrow what one statement may bind. */
const LONGEST_PADDED = 1024;

/*
 * `IN (?)` with an array, and `(a, b) IN (?)` with an array of rows: mysql2 expands nested arrays itself, for SQLite the
 * placeholders are written out here. A list is as long as a power of two then, by its last element again, so that few statements
 * are prepared, once each, however many lengths are asked for.
 */
export function expandLists(sql: string, parameters: unknown[], dialect: Dialect): string {
  // `IN ()` means nothing in one dialect and is an error in the other; whoever asks has a list to check first.
  if (parameters.some((parameter) => Array.isArray(parameter) && parameter.length === 0)) {
    throw new RangeError('A list of a statement is empty');
  }
  if (dialect === 'mysql' || !parameters.some(Array.isArray)) return sql;
  let next = 0;
  return sql.replace(/\?/g, () => placeholdersOf(padded(parameters[next++])));
}

export function flatten(parameters: unknown[], dialect: Dialect): unknown[] {
  return dialect === 'mysql' ? parameters : parameters.map(padded).flat(2);
}

function placeholdersOf(parameter: unknown): string {
  if (!Array.isArray(parameter)) return '?';
  if (!Array.isArray(parameter[0])) return parameter.map(() => '?').join(',');
  const row = `(${parameter[0].map(() => '?').join(',')})`;
  return `VALUES ${parameter.map(() => row).join(',')}`;
}

function padded(parameter: unknown): unknown {
  if (!Array.isArray(parameter) || parameter.length > LONGEST_PADDED) return parameter;
  const list: unknown[] = parameter;
  const missing = 2 ** Math.ceil(Math.log2(list.length)) - list.length;
  return missing === 0 ? list : [...list, ...Array<unknown>(missing).fill(list.at(-1))];
}
