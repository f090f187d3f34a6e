/** Everything that can be asked of a server, asked once, and what only reads of that, to be asked again. */
import assert from 'node:assert/strict';
import { callersOf, type Asked } from '../platform/http/contractCallers.ts';
import { succeedEverywhere } from '../platform/http/contractCalls.ts';
import { formOf } from '../support/forms.ts';
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
      const path = pathOf(asked);
      const response = await fetch(`${server.origin}${path}`, requestOf(asked));
      const text = await response.text();
      assert.ok(response.ok, `${operation}: ${response.status} ${text}`);
      if (operation.startsWith('GET ')) read.push({ operation, path, token });
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
    const response = await fetch(`${server.origin}${path}`, requestOf({ operation, token }));
    const text = await response.text();
    if (response.status >= 500) failed.push(`${operation}: ${response.status} ${text.slice(0, 200)}`);
  }
  return failed;
}

function pathOf({ operation, path = {}, query }: Asked): string {
  const template = operation.slice(operation.indexOf(' ') + 1);
  const filled = template.replace(/\{(\w+)\}/g, (_, name: string) => String(path[name]));
  return `/api/v3${filled}${query === undefined ? '' : `?${query}`}`;
}

function requestOf({ operation, token, key, body, csv, file, range }: Asked): RequestInit {
  const form = file === undefined ? undefined : formOf('file', file);
  const sent = form?.body ?? csv ?? (body === undefined ? undefined : JSON.stringify(body));
  return {
    method: operation.slice(0, operation.indexOf(' ')),
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(key === undefined ? {} : { 'idempotency-key': key }),
      ...(range === undefined ? {} : { range }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(csv === undefined ? {} : { 'content-type': 'text/csv' }),
      ...form?.headers,
    },
    ...(sent === undefined ? {} : { body: sent }),
  };
}

function isJson({ headers }: Response): boolean {
  return headers.get('content-type')?.includes('json') === true;
}
