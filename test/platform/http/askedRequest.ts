import { formOf } from '../../support/forms.ts';
import type { Asked } from './contractCallers.ts';

export interface AskedRequest {
  method: string;
  /** As the document has it. */
  template: string;
  /** With the query string, below the root of the API. */
  path: string;
  headers: Record<string, string>;
  body: string | undefined;
}

/** What is sent for a call. */
export function askedRequest(asked: Asked): AskedRequest {
  const { operation, path = {}, query, token, key, body, csv, file, range } = asked;
  const [method, template] = operation.split(' ') as [string, string];
  const filled = template.replace(/\{(\w+)\}/g, (_, name: string) => String(path[name]));
  const form = file === undefined ? undefined : formOf('file', file);
  return {
    method,
    template,
    path: query === undefined ? filled : `${filled}?${query}`,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(key === undefined ? {} : { 'idempotency-key': key }),
      ...(range === undefined ? {} : { range }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(csv === undefined ? {} : { 'content-type': 'text/csv' }),
      ...form?.headers,
    },
    body: form?.body ?? csv ?? (body === undefined ? undefined : JSON.stringify(body)),
  };
}
