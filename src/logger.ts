import { pino, stdSerializers, type DestinationStream, type Logger, type LoggerOptions } from 'pino';
import { QueryFailedError } from 'typeorm';

export type { Logger };

/** Mobiles, tokens, codes and seeds under any of these names never reach a log, at the top or one or two levels down. */
const SECRET_NAMES = [
  'mobile',
  'verification_code',
  'token',
  'access_token',
  'refresh_token',
  'authorization',
  'cookie',
  'password',
  'server_seed',
  'seed',
  'accessToken',
  'refreshToken',
  'serverSeed',
  'jwtSecret',
  'seedKey',
] as const;

const MOBILE = /1[3-9]\d{9}/g;

/** Log lines as JSON on standard output; secrets are removed by name, and mobiles inside texts by pattern. */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  const options: LoggerOptions = {
    level,
    redact: {
      paths: SECRET_NAMES.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
      censor: '[redacted]',
    },
    serializers: { err: serializeError },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/** A database error carries its parameters, which may be anybody's data: the statement and the cause are enough. */
function serializeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const cause: unknown = error instanceof QueryFailedError ? error.driverError : error.cause;
  const serialized = stdSerializers.err(error) as unknown as Record<string, unknown>;
  return {
    type: serialized['type'],
    code: (error as { code?: unknown }).code,
    message: withoutMobiles(error.message),
    stack: withoutMobiles(error.stack ?? ''),
    ...(cause instanceof Error ? { cause: serializeError(cause) } : {}),
  };
}

function withoutMobiles(text: string): string {
  return text.replace(MOBILE, '[mobile]');
}
