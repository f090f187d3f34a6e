import { QueryFailedError } from 'typeorm';

/** As long as the column. */
const MAX_CHARACTERS = 255;
/** What an error's message quotes is mostly somebody's data: JSON.parse shows the text it could not read. */
const QUOTED = /"[^"]*"?|'[^']*'?|`[^`]*`?/g;
const NUMBER = /\d{5,}/g;
const ADDRESS = /\S+@\S+/g;

/** An error as a row may keep it: its kind, its code and its message, bounded and without personal data. */
export function failureText(error: unknown): string {
  if (!(error instanceof Error)) return 'something that is no Error was thrown';
  const { code } = error as { code?: unknown };
  const kind = typeof code === 'string' ? `${error.name} ${code}` : error.name;
  // The database's messages name the values of a statement.
  if (error instanceof QueryFailedError) return kind.slice(0, MAX_CHARACTERS);
  const message = error.message
    .slice(0, 4 * MAX_CHARACTERS)
    .replace(QUOTED, '[…]')
    .replace(ADDRESS, '[…]')
    .replace(NUMBER, '[…]');
  return `${kind}: ${message}`.slice(0, MAX_CHARACTERS);
}
