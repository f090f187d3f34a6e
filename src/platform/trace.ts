/*
 * What a line of the log belongs to. Whatever is called while a call, a message or a batch is being answered has its trace, without
 * handing it on; the logger puts it on each line (logger.ts). Work that goes on for others afterwards begins outside of it.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';

/** What is put on each line. Only what is known to be well-formed and short. */
export interface Trace {
  /** 32 hex digits, as W3C Trace Context has it: of the caller where they said so. */
  readonly traceId?: string;
  /** Of a call, as in X-Request-Id. */
  readonly requestId?: string;
  /** Of a batch that several have caused: some of them. */
  readonly traceIds?: readonly string[];
  readonly eventIds?: readonly number[];
  readonly handler?: string;
}

const traces = new AsyncLocalStorage<Trace | undefined>();

export function traced<T>(trace: Trace | undefined, work: () => T): T {
  return traces.run(trace, work);
}

/** Of what goes on when whoever caused it has been answered. */
export function untraced<T>(work: () => T): T {
  return traces.run(undefined, work);
}

export function currentTrace(): Trace | undefined {
  return traces.getStore();
}

export function createTraceId(): string {
  return randomUUID().replaceAll('-', '');
}

/** Of all versions known: a later one may have more behind it. */
const TRACEPARENT =
  /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-[\x21-\x7e]{1,256})?$/;

/** Of a `traceparent` header; a new one where there is none, or none that is well-formed. */
export function traceIdOf(traceparent: string | string[] | undefined): string {
  const [, traceId] = (typeof traceparent === 'string' && TRACEPARENT.exec(traceparent)) || [];
  return traceId ?? createTraceId();
}

const SHOWN = 8;

/** Of work that is done for several at once. */
export function traceOfAll(given: readonly (Trace | undefined)[]): Trace | undefined {
  const known = new Set(given.flatMap((trace) => trace ?? []));
  if (known.size <= 1) return [...known][0];
  const traceIds = new Set([...known].flatMap(({ traceId }) => traceId ?? []));
  return { traceIds: [...traceIds].slice(0, SHOWN) };
}
