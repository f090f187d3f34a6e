/** What must hold of every answer of the API, whatever was asked. */
import type { Contract } from '../support/contract.ts';
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
export function violationOf(
  contract: Contract,
  { method, path }: Request,
  answer: RawAnswer,
): string | undefined {
  const { status, text } = answer;
  const code = /"code":"(\w+)"/.exec(text)?.[1] ?? '';
  if (status >= 500 && !(status === 503 && TRY_AGAIN.includes(code))) return `status ${status} ${code}`;
  return contract.violationOf({ method, path: `/api/v3${path}`, ...answer });
}
