import { isDeepStrictEqual } from 'node:util';
import { AppError } from './errors.ts';

/** Two people have edited one document: whoever comes later is shown what is there, and where it differs from what they sent. */
export function staleEdit(current: object, given: object): AppError {
  const there = new Map(Object.entries(current));
  const fields = Object.entries(given)
    .filter(([name, value]) => value !== undefined && !isDeepStrictEqual(there.get(name), value))
    .map(([name]) => name);
  return new AppError('CONFLICT', { details: { current, fields } });
}
