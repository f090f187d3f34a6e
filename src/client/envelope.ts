import { KaijiangError, type KaijiangErrorCode } from './kaijiangError.ts';

/** An HTTP answer as any transport gives it. */
export interface HttpAnswer {
  status: number;
  /** The header Retry-After. */
  retryAfter: string | null | undefined;
  text: string;
}

interface Envelope<Data> {
  success: boolean;
  code: KaijiangErrorCode;
  message: string;
  data: Data;
  details?: unknown;
}

/** What is in the envelope of an answer. @throws KaijiangError */
export function dataOf<Data>({ status, retryAfter, text }: HttpAnswer): Data {
  const envelope = parseEnvelope<Data>(text, status);
  if (envelope.success) return envelope.data;
  const { code, message, details } = envelope;
  const seconds = Number(retryAfter ?? undefined);
  const retryAfterSeconds = Number.isFinite(seconds) ? seconds : undefined;
  throw new KaijiangError(code, { status, message, details, retryAfterSeconds });
}

/** Something between us and the server may answer for it with a page of its own. */
function parseEnvelope<Data>(text: string, status: number): Envelope<Data> {
  try {
    const parsed = JSON.parse(text) as Envelope<Data> | null;
    if (typeof parsed?.success === 'boolean' && typeof parsed.code === 'string') return parsed;
  } catch (cause) {
    throw notAnEnvelope(text, status, cause);
  }
  throw notAnEnvelope(text, status);
}

function notAnEnvelope(text: string, status: number, cause?: unknown): KaijiangError {
  const message = `the answer (status ${status}) is not an envelope: ${text.slice(0, 80)}`;
  return new KaijiangError('UNREACHABLE', { status, message, cause });
}
