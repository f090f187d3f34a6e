/** Everything that can be asked of a server, asked once, and what only reads of that, to be asked again. */
import assert from 'node:assert/strict';
import { askedRequest, type AskedRequest } from '../platform/http/askedRequest.ts';
import { callersOf } from '../platform/http/contractCallers.ts';
import { succeedEverywhere } from '../platform/http/contractCalls.ts';
import type { RunningServer } from '../support/server.ts';

export interface AskedCall {
  operation: string;
  path: string;
  token: string | undefined;
}

/** @returns the calls that read */
export async function askEverything(server: RunningServer): Promise<AskedCall[]> {
  const read: AskedCall[] = [];
  await succeedEverywhere(
    async (asked) => {
      const { operation, token } = asked;
      const request = askedRequest(asked);
      const response = await send(server, request);
      const text = await response.text();
      assert.ok(response.ok, `${operation}: ${response.status} ${text}`);
      if (operation.startsWith('GET ')) read.push({ operation, token, path: request.path });
      return isJson(response) ? (JSON.parse(text) as { data: unknown }).data : undefined;
    },
    await callersOf(server),
  );
  return read;
}

/** @returns those that the server could not answer, one line each */
export async function failedOf(server: RunningServer, calls: readonly AskedCall[]): Promise<string[]> {
  const failed: string[] = [];
  for (const { operation, path, token } of calls) {
    const response = await send(server, { ...askedRequest({ operation, token }), path });
    const text = await response.text();
    if (response.status >= 500) failed.push(`${operation}: ${response.status} ${text.slice(0, 200)}`);
  }
  return failed;
}

function send({ origin }: RunningServer, { method, path, headers, body }: AskedRequest): Promise<Response> {
  return fetch(`${origin}/api/v3${path}`, { method, headers, ...(body === undefined ? {} : { body }) });
}

function isJson({ headers }: Response): boolean {
  return headers.get('content-type')?.includes('json') === true;
}
