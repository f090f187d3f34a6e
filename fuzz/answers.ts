/** What must hold of every answer of the API, whatever was asked. */
import { ERRORS, type ErrorCode } from '../src/errors.ts';
import { faultOf, type Operation } from './document.ts';
import type { Request } from './requests.ts';

export interface RawAnswer {
  status: number;
  headers: Headers;
  text: string;
}

const TRY_AGAIN = ['BUSY', 'MOVED'];
/** An answer that takes longer than this is none. */
const ANSWER_TIMEOUT_MS = 10_000;

export async function send(origin: string, { method, path, headers, body }: Request): Promise<RawAnswer> {
  const response = await fetch(`${origin}/api/v3${path}`, {
    method,
    headers,
    redirect: 'manual',
    signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    ...(body === undefined || method === 'GET' ? {} : { body }),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** What an answer violates, or undefined. */
export function violationOf(operation: Operation, { status, headers, text }: RawAnswer): string | undefined {
  const isSuccess = status >= 200 && status < 300;
  if (isSuccess && operation.answer === undefined) return undefined;
  const answer = jsonOf(text);
  if (answer === undefined) return `status ${status} with an answer that is no JSON: ${text.slice(0, 200)}`;
  const { code, request_id: requestId } = answer as { code?: string; request_id?: string };
  if (status >= 500 && !(status === 503 && TRY_AGAIN.includes(code ?? ''))) return `status ${status} ${code}`;
  if (requestId !== headers.get('x-request-id')) return 'request_id differs from X-Request-Id';
  const fault = faultOf(isSuccess ? operation.answer! : operation.refusal, answer);
  if (fault !== undefined) return `status ${status} with an answer that the document does not know: ${fault}`;
  if (!isSuccess && ERRORS[code as ErrorCode][0] !== status) return `${code} with status ${status}`;
  return undefined;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
