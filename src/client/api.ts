import { dataOf } from './envelope.ts';
import { asKaijiangError, KaijiangError } from './kaijiangError.ts';
import { limitBy } from './patience.ts';
import { sendForm } from './sendForm.ts';

const TIMEOUT_MS = 15_000;
/** A picture may have a long way by a poor connection. */
const FORM_TIMEOUT_MS = 180_000;
/** A table is as long as its list. */
const TABLE_TIMEOUT_MS = 1_800_000;
/**
 * Sent without a token: a stale one would be refused there too, and the hook that renews tokens, which calls them, would
 * wait for itself.
 */
const TOKENLESS = new Set(['/auth/code', '/auth/login', '/auth/refresh']);

export interface ApiOptions {
  url: string;
  token(): string | undefined;
  /** Resolves once `stale` has been replaced, with false when there is nothing to replace it by. */
  renewToken(stale: string): Promise<boolean>;
  /** Told of each call that has succeeded. */
  onDone?: ((call: DoneCall) => void) | undefined;
}

export interface DoneCall {
  method: string;
  path: string;
}

export interface PostOptions {
  /** Makes a repeated call safe; the same for every try. */
  idempotencyKey?: string;
  /** A browser sends it also when its page is left meanwhile; of at most 64 KB. */
  outlivesPage?: boolean;
}

export interface FormOptions {
  /** Called with the share of it that has gone, from 0 to 1, where that is known: in browsers. */
  onProgress?: (share: number) => void;
  /** Gives up. */
  signal?: AbortSignal;
}

interface Call extends PostOptions, FormOptions {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  body?: object;
  /** Instead of `body`. */
  csv?: string;
  /** Instead of `body`. */
  form?: FormData;
  /** Its success is no envelope. */
  isTable?: true;
}

/** The REST side. Paths are those below /api/v3; answers are the envelope's data; refusals are thrown as KaijiangError. */
export class Api {
  constructor(private readonly options: ApiOptions) {}

  get<Data>(path: string): Promise<Data> {
    return this.call<Data>({ method: 'GET', path });
  }

  /** A list as a table of text/csv: its path with `format=csv`. */
  getTable(path: string): Promise<Blob> {
    return this.call<Blob>({ method: 'GET', path, isTable: true });
  }

  post<Data>(path: string, body: object = {}, options: PostOptions = {}): Promise<Data> {
    return this.call<Data>({ method: 'POST', path, body, ...options });
  }

  /** A file of text/csv. */
  postCsv<Data>(path: string, csv: string, options: PostOptions = {}): Promise<Data> {
    return this.call<Data>({ method: 'POST', path, csv, ...options });
  }

  /** A form with a file. */
  postForm<Data>(path: string, form: FormData, options: FormOptions = {}): Promise<Data> {
    return this.call<Data>({ method: 'POST', path, form, ...options });
  }

  put<Data>(path: string, body: object): Promise<Data> {
    return this.call<Data>({ method: 'PUT', path, body });
  }

  patch<Data>(path: string, body: object): Promise<Data> {
    return this.call<Data>({ method: 'PATCH', path, body });
  }

  delete<Data>(path: string, body?: object): Promise<Data> {
    return this.call<Data>({ method: 'DELETE', path, ...(body === undefined ? {} : { body }) });
  }

  /** An expired token is renewed once; the server has done nothing for the call it refused. */
  private async call<Data>(call: Call): Promise<Data> {
    const data = await this.sendWithToken<Data>(call);
    this.options.onDone?.({ method: call.method, path: call.path });
    return data;
  }

  private async sendWithToken<Data>(call: Call): Promise<Data> {
    const token = TOKENLESS.has(call.path) ? undefined : this.options.token();
    try {
      return await this.send<Data>(call, token);
    } catch (error) {
      const isExpired = error instanceof KaijiangError && error.code === 'TOKEN_EXPIRED';
      if (!isExpired || token === undefined || !(await this.options.renewToken(token))) throw error;
      return this.send<Data>(call, this.options.token());
    }
  }

  private async send<Data>(call: Call, token: string | undefined): Promise<Data> {
    const { method, path, idempotencyKey, isTable = false, form } = call;
    const sent = contentOf(call);
    const limit = limitBy(call.signal === undefined ? [] : [call.signal], timeoutOf(call));
    const { signal } = limit;
    const url = `${rootOf(this.options.url)}/api/v3${path}`;
    const headers = {
      accept: isTable ? 'text/csv' : 'application/json',
      ...(sent === undefined ? {} : { 'content-type': sent.type }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
    };
    try {
      if (form !== undefined)
        return dataOf<Data>(await sendForm({ url, headers, form, signal, onProgress: call.onProgress }));
      const body = sent === undefined ? {} : { body: sent.text };
      const keepalive = call.outlivesPage === true;
      const response = await fetch(url, { method, headers, ...body, signal, keepalive });
      if (isTable && response.ok) return (await response.blob()) as Data;
      const { status, headers: answered } = response;
      return dataOf<Data>({ status, retryAfter: answered.get('retry-after'), text: await response.text() });
    } catch (error) {
      throw asKaijiangError(error);
    } finally {
      limit.done();
    }
  }
}

function timeoutOf({ isTable, form }: Call): number {
  if (isTable === true) return TABLE_TIMEOUT_MS;
  return form === undefined ? TIMEOUT_MS : FORM_TIMEOUT_MS;
}

function contentOf({ body, csv }: Call): { type: string; text: string } | undefined {
  if (csv !== undefined) return { type: 'text/csv', text: csv };
  return body === undefined ? undefined : { type: 'application/json', text: JSON.stringify(body) };
}

/** Where the server is, with the path below which a proxy serves it, and nothing after that; as the SDK takes it. */
function rootOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname.replace(/\/+$/, '')}`;
}
