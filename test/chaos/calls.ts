import { setTimeout as sleep } from 'node:timers/promises';
import { dataOf } from '../../src/client/envelope.ts';
import { asKaijiangError, type KaijiangError } from '../../src/client/kaijiangError.ts';
import type { Node } from './cluster.ts';

/** A node that stands still keeps its connections: whoever asks it must not wait for it. */
const PATIENCE_MS = 3000;
const PAUSE_MS = 60;

export interface Call {
  method: 'GET' | 'POST';
  /** Below /api/v3. */
  path: string;
  token?: string;
  body?: object;
  /** Makes it safe to send again. */
  key?: string;
}

/** One call to one node. @throws KaijiangError; UNREACHABLE when no answer came */
export async function callNode<Data>({ url }: Pick<Node, 'url'>, call: Call): Promise<Data> {
  const { method, path, token, body, key } = call;
  try {
    const response = await fetch(`${url}/api/v3${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(key === undefined ? {} : { 'idempotency-key': key }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const { status, headers } = response;
    return dataOf<Data>({ status, retryAfter: headers.get('retry-after'), text: await response.text() });
  } catch (error) {
    throw asKaijiangError(error);
  }
}

export interface Persistence {
  nodes: readonly Node[];
  /** At which node it begins. */
  first: number;
  /** Gives the call up after it; then it is not known whether it was done. */
  deadlineMs(): number;
  onRetry(error: KaijiangError): void;
}

/** As a good client does: the next node until somebody answers for good, always the same request. @throws KaijiangError */
export async function callUntilAnswered<Data>(call: Call, how: Persistence): Promise<Data> {
  const { nodes, first, deadlineMs, onRetry } = how;
  for (let attempt = 0; ; attempt++) {
    try {
      return await callNode<Data>(nodes[(first + attempt) % nodes.length]!, call);
    } catch (thrown) {
      const error = asKaijiangError(thrown);
      onRetry(error);
      if (!error.isPassing || performance.now() > deadlineMs()) throw error;
      await sleep(PAUSE_MS);
    }
  }
}
