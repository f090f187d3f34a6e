import type { ErrorCode } from '../platform/errors.ts';

/**
 * A code of the server's error table, or one of the client's own. UNREACHABLE: no answer came, or none of Kaijiang's; what
 * was asked may have been done. CLOSED: the seat was left.
 */
export type KaijiangErrorCode = ErrorCode | 'UNREACHABLE' | 'CLOSED';

export interface KaijiangErrorParts {
  /** The HTTP status; 0 where there was none. */
  status?: number;
  message?: string;
  details?: unknown;
  retryAfterSeconds?: number | undefined;
  cause?: unknown;
}

const PASSING: ReadonlySet<string> = new Set(['UNREACHABLE', 'BUSY', 'MOVED', 'RATE_LIMITED', 'INTERNAL']);

/** Everything that the client throws. */
export class KaijiangError extends Error {
  override readonly name = 'KaijiangError';
  readonly status: number;
  readonly details: unknown;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    readonly code: KaijiangErrorCode,
    { status = 0, message, details, retryAfterSeconds, cause }: KaijiangErrorParts = {},
  ) {
    super(message === undefined ? code : `${code}: ${message}`, { cause });
    this.status = status;
    this.details = details;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /** The same request may succeed a little later. */
  get isPassing(): boolean {
    return PASSING.has(this.code);
  }
}

export function asKaijiangError(thrown: unknown): KaijiangError {
  if (thrown instanceof KaijiangError) return thrown;
  const { message } = (thrown ?? {}) as { message?: unknown };
  return new KaijiangError('UNREACHABLE', {
    message: typeof message === 'string' && message !== '' ? message : 'connection failed',
    cause: thrown,
  });
}

/** Why the SDK did not join: a refusal of ours has the HTTP status as its code and a message that begins with ours. */
export function joinError(thrown: unknown): KaijiangError {
  const { code: status, message } = thrown as { code?: unknown; message?: unknown };
  const parts = typeof message === 'string' ? /^([A-Z_]+): (.*)$/s.exec(message) : null;
  if (parts === null || typeof status !== 'number' || status < 400 || status > 599)
    return asKaijiangError(thrown);
  return new KaijiangError(parts[1] as KaijiangErrorCode, { status, message: parts[2]!, cause: thrown });
}

interface Reason {
  code: KaijiangErrorCode;
  message?: string;
  details?: unknown;
  retry_after?: number;
}

/** Why the SDK rejected a room request: a refusal with its reason, a fault of the server, or no answer. */
export function requestError(thrown: unknown): KaijiangError {
  const { name, reason, code } = thrown as { name?: unknown; reason?: Reason; code?: unknown };
  if (name === 'rejected' && typeof reason?.code === 'string') {
    const { message, details, retry_after: retryAfterSeconds } = reason;
    return new KaijiangError(reason.code, {
      details,
      retryAfterSeconds,
      cause: thrown,
      ...(message === undefined ? {} : { message }),
    });
  }
  return code === undefined
    ? asKaijiangError(thrown)
    : new KaijiangError('INTERNAL', { message: 'the server failed', cause: thrown });
}
