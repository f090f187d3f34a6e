import { AppError } from '../errors.ts';
import { isLost } from '../database/driverErrors.ts';

/** Of SQLSTATE: a value that does not fit, a rule of the table that is broken, a statement that means nothing: NaN is a name. */
const DATA_STATES = /^(22|23|42S)/;

/** Of the same kind, under the states HY000 and 01000: a text of another character set, a value cut off, a CHECK. */
const DATA_CODES = new Set([
  'ER_TRUNCATED_WRONG_VALUE_FOR_FIELD',
  'WARN_DATA_TRUNCATED',
  'ER_CHECK_CONSTRAINT_VIOLATED',
  'ER_CONSTRAINT_FAILED',
  'ER_PARSE_ERROR',
  'SQLITE_ERROR',
  'SQLITE_MISMATCH',
  'SQLITE_TOOBIG',
  'SQLITE_RANGE',
]);

/**
 * Whether an error inside of a transaction's work comes from what was to be stored or from our own code, so that the same attempt would
 * fail in the same way and another one need not. What a driver or the system reports besides that is trouble of the
 * infrastructure, which passes.
 */
export function isItemsFault(error: unknown): boolean {
  if (error instanceof AppError) return error.status !== 503;
  const { code, sqlState } = (error ?? {}) as { code?: unknown; sqlState?: unknown };
  if (isLost(error)) return false;
  if (typeof code !== 'string') return true;
  if (typeof sqlState === 'string' && DATA_STATES.test(sqlState)) return true;
  // ERR_…: what Node itself says about wrong arguments.
  return DATA_CODES.has(code) || code.startsWith('SQLITE_CONSTRAINT') || code.startsWith('ERR_');
}
