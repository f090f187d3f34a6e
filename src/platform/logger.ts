/*
 * Log lines as JSON on standard output.
 *
 * Mobiles, tokens, codes and seeds never reach a log. Who logs does not have to think of it: every line is read back
 * before it is written and loses what is secret by its name at any depth, and what looks like a secret in any text.
 */
import { pino, stdSerializers, type DestinationStream, type Logger, type LoggerOptions } from 'pino';
import { QueryFailedError } from 'typeorm';
import type { AppError } from './errors.ts';
import { currentTrace } from './trace.ts';

export type { Logger };

const REDACTED = '[redacted]';
const MAX_DEPTH = 12;

/** Compared without case, underscores and hyphens. */
const SECRET_NAME =
  /mobile|phone|token|secret|password|passwd|authorization|cookie|credential|signature|accesskey|verificationcode|jwt|^auth$|seed(key)?$/;

/** What a text loses. */
const SECRET_TEXTS: [pattern: RegExp, shown: string][] = [
  // The user and password of a URL, and every value of its query.
  [/(\b[a-z][a-z+]{1,15}:\/\/)[^\s/@]{1,256}@/gi, '$1[credentials]@'],
  [/([?&][\w.[\]-]{1,64}=)[^&\s"'\\#]+/g, `$1${REDACTED}`],
  [/\b(Bearer|Basic) +[\w.~+/=-]+/gi, '$1 [token]'],
  // Of an API key what it is told from others by is kept.
  [/(kj_[\w-]{8})[\w-]{20,}/g, '$1[key]'],
  [/eyJ[\w-]{5,}(?:\.[\w-]*)*/g, '[token]'],
  // 32 bytes as base64url, which is how refresh tokens are made.
  [/(?<![\w-])[\w-]{43}(?![\w-])/g, '[token]'],
  [/(?<!\d)1[3-9]\d{9}(?!\d)/g, '[mobile]'],
  [/(\bcode\W{1,4}(?:is\W{1,4})?)\d{6}(?!\d)/gi, '$1[code]'],
];

export function createLogger(level: string, destination?: DestinationStream): Logger {
  const options: LoggerOptions = {
    level,
    serializers: { err: serializeError },
    // A copy: pino writes into what it is given.
    mixin: () => ({ ...currentTrace() }),
    hooks: { streamWrite: withoutSecrets },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/** A failure that is answered: a fault of ours is an error, trouble of the infrastructure a warning, a refusal neither. */
export function logFailure(
  logger: Pick<Logger, 'warn' | 'error'>,
  error: AppError,
  { about, text }: { about: object; text: string },
): void {
  if (error.code === 'INTERNAL') logger.error({ err: error, ...about }, text);
  else if (error.status >= 500 && error.cause !== undefined) logger.warn({ err: error, ...about }, text);
}

function withoutSecrets(line: string): string {
  return `${JSON.stringify(cleaned(JSON.parse(line), 0))}\n`;
}

function cleaned(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return cleanedText(value);
  if (typeof value === 'number') return isMobile(value) ? '[mobile]' : value;
  if (typeof value !== 'object' || value === null) return value;
  if (depth === MAX_DEPTH) return '[deeper]';
  if (Array.isArray(value)) return value.map((item) => cleaned(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      cleanedText(name),
      isSecret(name, item) ? REDACTED : cleaned(item, depth + 1),
    ]),
  );
}

/** A `code` is mostly that of an error; six digits are one that logs somebody in. */
function isSecret(name: string, value: unknown): boolean {
  if (value === null || typeof value === 'boolean') return false;
  const plain = name.toLowerCase().replaceAll(/[_-]/g, '');
  return SECRET_NAME.test(plain) || (plain === 'code' && isLoginCode(value));
}

function isLoginCode(value: unknown): boolean {
  return (typeof value === 'string' || typeof value === 'number') && /^\d{6}$/.test(String(value));
}

function isMobile(value: number): boolean {
  return Number.isInteger(value) && value >= 13_000_000_000 && value < 20_000_000_000;
}

function cleanedText(text: string): string {
  return SECRET_TEXTS.reduce((cleaner, [pattern, shown]) => cleaner.replace(pattern, shown), text);
}

/** A database error carries its parameters, which may be anybody's data: the statement and the cause are enough. */
function serializeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const cause: unknown = error instanceof QueryFailedError ? error.driverError : error.cause;
  const serialized = stdSerializers.err(error) as unknown as Record<string, unknown>;
  return {
    type: serialized['type'],
    code: (error as { code?: unknown }).code,
    message: error.message,
    stack: error.stack ?? '',
    ...(cause instanceof Error ? { cause: serializeError(cause) } : {}),
  };
}
