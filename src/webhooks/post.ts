import { request as httpRequest, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { LIMITS } from '../platform/limits.ts';
import { readUrl, type Targets } from './targets.ts';

export interface Posted {
  url: string;
  headers: Record<string, string>;
  body: string;
  /** Ends it, wherever it is. */
  signal: AbortSignal;
}

export interface PostAnswer {
  status: number;
  /** As the header says it. */
  retryAfter: string | undefined;
}

/**
 * One POST. It is connected to addresses that were checked a moment ago, and follows nobody anywhere: a redirect is an answer as any
 * other. A little of the answer is read, so that whoever sends it can finish, and dropped.
 * @throws what kept it from being answered
 */
export async function post(targets: Targets, { url, headers, body, signal }: Posted): Promise<PostAnswer> {
  const target = readUrl(url);
  const addresses = await unlessAborted(targets.addressesOf(target), signal);
  const options: RequestOptions = {
    method: 'POST',
    headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
    agent: false,
    lookup: lookupOf(addresses),
    signal,
  };
  const request = target.protocol === 'https:' ? httpsRequest(target, options) : httpRequest(target, options);
  return new Promise((resolve, reject) => {
    request.on('error', reject);
    request.on('response', (response) => {
      const answer = { status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] };
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes <= LIMITS.webhookAnswerBytes) return;
        resolve(answer);
        response.destroy();
      });
      response.on('end', () => resolve(answer));
      response.on('error', reject);
    });
    request.end(body);
  });
}

function lookupOf(addresses: readonly string[]): LookupFunction {
  const known = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_name, { all }, callback) => {
    const [first] = known;
    if (all === true) callback(null, known);
    else callback(null, first!.address, first!.family);
  };
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
