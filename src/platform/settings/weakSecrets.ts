import { isSqliteUrl, parseMysqlUrl } from '../database/databaseUrl.ts';

const MIN_VARIETY = 12;
/** Texts of ours, of examples and of people in a hurry; six letters or more, so that no generated secret has one by chance. */
const KNOWN = /secret|password|example|changeme|change_me|replace|default|kaijiang|qwerty|letmein|your[-_ ]/i;

/**
 * What makes a secret one that can be guessed; undefined when nothing is seen. What `openssl rand` makes passes: this is
 * for secrets that were typed or copied. The answer never contains a part of the secret.
 */
export function weaknessOf(secret: string): string | undefined {
  if (KNOWN.test(secret)) return 'is one of the values that examples and tests use';
  const characters = [...secret].map((character) => character.codePointAt(0)!);
  return weaknessOfSequence(characters) ?? (isHex(secret) ? weaknessOfBytes(secret) : undefined);
}

/** The passwords that are tried first. */
const DEFAULT_PASSWORDS =
  /^(root|admin|password|passw0rd|pass|mysql|mariadb|kaijiang|changeme|secret|test|123\d*)$/i;

/**
 * What makes a database open to whoever reaches it; undefined for SQLite, which has no passwords. The URL is taken apart as for
 * the connection, so that what is weak is weak however it is written.
 */
export function weaknessOfDatabaseUrl(url: string): string | undefined {
  if (isSqliteUrl(url)) return undefined;
  const { username, password } = parseMysqlUrl(url);
  if (password === '') return 'must have a password in production';
  if (password === username || DEFAULT_PASSWORDS.test(password))
    return 'has a password that anybody would try';
  return undefined;
}

/** Hexadecimal digits may vary a lot while the bytes that they stand for count up. */
function weaknessOfBytes(hex: string): string | undefined {
  return weaknessOfSequence([...Buffer.from(hex, 'hex')]);
}

function weaknessOfSequence(values: readonly number[]): string | undefined {
  if (new Set(values).size < Math.min(MIN_VARIETY, values.length / 2)) return 'has too little variety';
  if (periodOf(values) <= values.length / 2) return 'repeats itself';
  return isMostlySteady(values) ? 'counts up or down' : undefined;
}

/** After how many values the sequence begins again, the last time perhaps in part; its length when it never does. */
function periodOf(values: readonly number[]): number {
  for (let period = 1; period < values.length; period++) {
    if (values.every((value, at) => at < period || value === values[at - period])) return period;
  }
  return values.length;
}

/** Whether more than half of the steps are the same one, as in 0123456789abcdef… */
function isMostlySteady(values: readonly number[]): boolean {
  const counts = new Map<number, number>();
  for (let at = 1; at < values.length; at++) {
    const step = (values[at]! - values[at - 1]! + 256) % 256;
    counts.set(step, (counts.get(step) ?? 0) + 1);
  }
  return Math.max(0, ...counts.values()) > values.length / 2;
}

function isHex(text: string): boolean {
  return text.length % 2 === 0 && /^[0-9a-f]+$/i.test(text);
}
